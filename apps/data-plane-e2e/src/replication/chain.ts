/** What tests of replication ask of servers. */
import { startStore, waitFor } from '@larder/shared-testing';
import type { Store, StoreKind } from '@larder/shared-testing';

const stores: Store[] = [];

/** A server that is gone after the test. */
export async function start(kind: StoreKind, ...args: string[]): Promise<Store> {
  const store = await startStore({ kind, args: ['--enable-debug-command', 'yes', '--repl-diskless-sync-delay', '0', ...args] });
  stores.push(store);
  return store;
}

/** As `start`, in a folder of its own that survives the server. */
export async function startIn(dir: string, kind: StoreKind, ...args: string[]): Promise<Store> {
  const store = await startStore({ kind, dir, args: ['--enable-debug-command', 'yes', '--repl-diskless-sync-delay', '0', ...args] });
  stores.push(store);
  return store;
}

export async function stopAll(): Promise<void> {
  for (const store of stores.splice(0)) {
    if (store.isRunning) process.kill(store.pid, 'SIGCONT');
    await store.kill();
  }
}

export async function ask(store: Store, ...command: string[]): Promise<unknown> {
  const client = await store.connect(2, 30_000);
  try {
    return await client.ask(...command);
  } finally {
    client.close();
  }
}

/** The reply's own bytes. */
export async function raw(store: Store, ...command: string[]): Promise<string> {
  const client = await store.connect(2, 30_000);
  try {
    return (await client.command(...command)).raw.toString('latin1');
  } finally {
    client.close();
  }
}

export async function info(store: Store, section = 'replication'): Promise<Map<string, string>> {
  const text = (await ask(store, 'INFO', section)) as string;
  return new Map(text.split('\r\n').filter((line) => line.includes(':')).map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}

export async function linkIsUp(replica: Store, timeoutMs = 20_000): Promise<void> {
  await waitFor('the link to be up', async () => (await info(replica)).get('master_link_status') === 'up', timeoutMs).catch((error: Error) => {
    throw new Error(`${error.message}\n${replica.log().slice(-3000)}`);
  });
}

/** Counted by the primary. */
export async function syncs(primary: Store): Promise<{ full: number; partial: number; refused: number }> {
  const stats = await info(primary, 'stats');
  return { full: Number(stats.get('sync_full')), partial: Number(stats.get('sync_partial_ok')), refused: Number(stats.get('sync_partial_err')) };
}

/** Waits until the replica has everything, and both hold the same. */
export async function inStep(primary: Store, ...replicas: Store[]): Promise<string> {
  return waitFor(
    'equal data',
    async () => {
      const digests = [await ask(primary, 'DEBUG', 'DIGEST')];
      const offset = (await info(primary)).get('master_repl_offset');
      for (const replica of replicas) {
        if ((await info(replica)).get('slave_repl_offset') !== offset) throw new Error(`not yet at ${offset}`);
        digests.push(await ask(replica, 'DEBUG', 'DIGEST'));
      }
      if (new Set(digests).size === 1) return digests[0] as string;
      throw new Error(`digests differ: ${digests.join(' ')}`);
    },
    20_000,
  );
}
