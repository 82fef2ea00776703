/**
 * Live updates. One socket for the page, opened by the first subscription and reopened for ever; graphql-ws is loaded only then.
 *
 * Level, not edge: a subscription starts with the present state, and every query also refetches on its own period, so a lost
 * message costs one period.
 */
import { useEffect, useEffectEvent } from 'react';
import type { Client } from 'graphql-ws';
import type { TypedDocumentString } from './generated/typed-document';

/** Back soon after a restart of the API, and no storm of pages at its door. */
const RETRY_MS_MAX = 8_000;

let client: Promise<Client> | undefined;

function connect(): Promise<Client> {
  client ??= import('graphql-ws').then(({ createClient }) =>
    createClient({
      url: `${window.location.protocol === 'https:' ? 'wss' : 'ws'}://${window.location.host}/graphql`,
      lazy: true,
      lazyCloseTimeout: 5_000,
      keepAlive: 15_000,
      retryAttempts: Number.POSITIVE_INFINITY,
      shouldRetry: () => true,
      retryWait: (retries) => new Promise((resolve) => setTimeout(resolve, Math.min(RETRY_MS_MAX, 500 * 2 ** retries) * (0.5 + Math.random()))),
    }),
  );
  return client;
}

/** Ends the socket, so that the next subscription is made as who is signed in by then. */
export async function dropConnection(): Promise<void> {
  const before = client;
  client = undefined;
  if (before) await (await before).dispose();
}

export function useSubscription<TResult, TVariables>(
  document: TypedDocumentString<TResult, TVariables>,
  variables: TVariables | undefined,
  onData: (data: TResult) => void,
): void {
  const receive = useEffectEvent(onData);
  const key = variables === undefined ? undefined : JSON.stringify(variables);
  useEffect(() => {
    if (key === undefined) return;
    let isOver = false;
    let stop: (() => void) | undefined;
    void connect().then((socket) => {
      if (isOver) return;
      stop = socket.subscribe<TResult>(
        { query: String(document), variables: JSON.parse(key) as Record<string, unknown> },
        {
          next: (message) => { if (message.data) receive(message.data); },
          // Refused by the API (signed out, gone): the query beside it says so.
          error: () => {},
          complete: () => {},
        },
      );
    });
    return () => {
      isOver = true;
      stop?.();
    };
  }, [document, key]);
}
