// PostgreSQL's LISTEN as the domain's ChangeFeed: triggers tell every committed change of an instance, operation or backup.
//
// Invariants
// - One connection per process, opened by the first subscriber's start, reopened with a growing pause when it breaks.
// - What was told while the connection was down is lost; `onReconnect` subscribers are told so that they look at everything again.
import { delay, type Clock } from '@larder/shared-std';
import type { Change, ChangeFeed } from '@larder/plane-domain';
import pg from 'pg';

const channel = 'larder_changes';
const firstPauseMs = 100;
const pauseMsMax = 5_000;

export interface PostgresChangeFeed extends ChangeFeed {
  /** Called after a gap in which changes may have been missed. */
  onGap(look: () => void): () => void;
  /** False while the connection is down: what changes then is not told. */
  isListening(): boolean;
  close(): Promise<void>;
}

export function openChangeFeed(databaseUrl: string, clock: Clock): PostgresChangeFeed {
  const listeners = new Set<(change: Change) => void>();
  const gapListeners = new Set<() => void>();
  let connection: pg.Client | undefined;
  let isClosed = false;
  let isListening = false;

  const listen = async (): Promise<void> => {
    const fresh = new pg.Client({ connectionString: databaseUrl, application_name: 'larder changes', connectionTimeoutMillis: 5_000, keepAlive: true });
    const broken = new Promise<void>((resolve) => {
      const end = (): void => { isListening = false; resolve(); };
      fresh.once('error', end);
      fresh.once('end', end);
    });
    fresh.on('notification', ({ payload }) => {
      const change = parseChange(payload);
      if (change) for (const tell of listeners) tell(change);
    });
    try {
      await fresh.connect();
      connection = fresh;
      await fresh.query(`LISTEN ${channel}`);
      isListening = true;
      for (const look of gapListeners) look();
      await broken;
    } finally {
      isListening = false;
      connection = undefined;
      await fresh.end().catch(() => undefined);
    }
  };

  const keepListening = async (): Promise<void> => {
    let pauseMs = firstPauseMs;
    while (!isClosed) {
      const since = clock.monotonic();
      await listen().catch(() => undefined);
      pauseMs = clock.monotonic() - since > pauseMsMax ? firstPauseMs : Math.min(pauseMs * 2, pauseMsMax);
      if (!isClosed) await delay(clock, pauseMs);
    }
  };
  const ended = keepListening();

  return {
    subscribe(onChange) {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
    onGap(look) {
      gapListeners.add(look);
      return () => gapListeners.delete(look);
    },
    isListening: () => isListening,
    async close() {
      isClosed = true;
      const open = connection;
      if (open === undefined) return;
      await open.end().catch(() => undefined);
      await ended;
    },
  };
}

function parseChange(payload: string | undefined): Change | undefined {
  try {
    return JSON.parse(payload ?? '') as Change;
  } catch {
    return undefined;
  }
}
