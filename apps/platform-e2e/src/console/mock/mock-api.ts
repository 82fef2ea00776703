/**
 * A GraphQL API in memory that answers as schema.graphql says, so that the console's screens can be driven into every face without
 * a database. A test fixture: no rules of the product live here beyond what a screen needs to show a refusal.
 *
 * `modes` bends it: `fail` makes every query an error, `empty` shows an organisation with nothing in it, `hang` never answers.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { AddressInfo } from 'node:net';
import { buildSchema, graphql } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { makeRoots, type Mode, type MockState, type Session } from './roots.ts';

export interface MockApi {
  readonly url: string;
  setMode(mode: Mode): void;
  close(): Promise<void>;
}

export async function startMockApi(repositoryRoot: string, port = 0): Promise<MockApi> {
  const schema = buildSchema(readFileSync(path.join(repositoryRoot, 'libs/plane/graphql/schema.graphql'), 'utf8'));
  const state: MockState = { mode: 'usual', listeners: new Set() };
  const { rootValue, subscriptions } = makeRoots(state);

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url?.startsWith('/api/uploads')) {
      request.resume();
      request.on('end', () => json(response, 201, { uploadId: 'Upload-1' }));
      return;
    }
    const { query, variables } = JSON.parse(await textOf(request)) as { query: string; variables?: Record<string, unknown> };
    const isViewer = /query Viewer\b|mutation Sign|query Organization\b/.test(query);
    if (state.mode === 'hang' && !isViewer) return;
    if (state.mode === 'fail' && !isViewer) return json(response, 200, { errors: [{ message: 'The database is not reachable.', extensions: { code: 'INTERNAL' } }] });
    const wasSignedIn = /larder_session=1/.test(request.headers.cookie ?? '');
    const session: Session = { isSignedIn: wasSignedIn };
    const result = await graphql({ schema, source: query, rootValue, variableValues: variables, contextValue: session });
    // Only where it changed: an answer that comes late must not take back what a newer one said.
    if (session.isSignedIn !== wasSignedIn) response.setHeader('set-cookie', `larder_session=${session.isSignedIn ? 1 : 0}; Path=/; HttpOnly; SameSite=Strict`);
    json(response, 200, result);
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: Error) => json(response, 500, { errors: [{ message: error.message }] }));
  });
  const sockets = new WebSocketServer({ server, path: '/graphql' });
  const subscriber = useServer({ schema, roots: { subscription: subscriptions } }, sockets);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    setMode: (mode) => { state.mode = mode; },
    close: async () => {
      await subscriber.dispose();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk as string;
  return text;
}
