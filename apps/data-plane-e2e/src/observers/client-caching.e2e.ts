/**
 * Client-side caching under load, on one thread and on several: a client that believes what it has read until it is told otherwise never
 * ends up with what is not true.
 */
import { parseReply, startStore, waitFor } from '@larder/shared-testing';
import type { RawClient, ReplyValue, Store } from '@larder/shared-testing';

const KEYS = Array.from({ length: 20 }, (_, i) => `key:${i}`);

/** Reads through what it remembers; RESP3 pushes take names away. */
class CachingClient {
  readonly cache = new Map<string, string>();
  invalidations = 0;
  private readonly client: RawClient;

  constructor(client: RawClient) {
    this.client = client;
  }

  async read(key: string): Promise<void> {
    if (this.cache.has(key)) {
      await new Promise((next) => setTimeout(next, 1)); // so that something can come
      return this.hear();
    }
    this.client.write(`*2\r\n$3\r\nGET\r\n$${key.length}\r\n${key}\r\n`);
    for (;;) {
      const reply = parseReply((await this.client.frames(1))[0]!);
      if (reply.type !== '>') {
        this.cache.set(key, reply.text);
        return this.hear();
      }
      this.forget(reply);
    }
  }

  close(): void {
    this.client.close();
  }

  /** Takes what has come by itself. */
  hear(): void {
    for (const frame of this.client.takeArrived()) this.forget(parseReply(frame));
  }

  private forget(push: ReplyValue): void {
    this.invalidations++;
    const names = push.items[1]!;
    if (names.items.length === 0) this.cache.clear();
    for (const { text } of names.items) this.cache.delete(text);
  }
}

describe.each([1, 2, 4])('client-side caching with %i threads', (threads) => {
  let store: Store;

  beforeAll(async () => {
    store = await startStore({ kind: 'larder-server', args: ['--threads', String(threads)] });
  });
  afterAll(() => store.stop());

  it.each(['ON', 'ON NOLOOP', 'ON BCAST PREFIX key:'])('%s: what a client still believes at the end is true', async (mode) => {
    const writers = await Promise.all(Array.from({ length: 4 }, () => store.connect()));
    await writers[0]!.pipeline(KEYS.map((key) => ['SET', key, '0']));
    const readers = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const client = await store.connect(3);
        await client.command('CLIENT', 'TRACKING', ...mode.split(' '));
        return new CachingClient(client);
      }),
    );
    let isOver = false;
    const reading = readers.map(async (reader) => {
      for (let i = 0; !isOver; i++) await reader.read(KEYS[(i * 7) % KEYS.length]!);
    });
    let value = 0;
    await Promise.all(
      writers.map(async (writer, w) => {
        for (let round = 0; round < 60; round++) {
          const commands = Array.from({ length: 5 }, (_, i) => ['SET', KEYS[(round * 3 + i * 5 + w) % KEYS.length]!, String(++value)]);
          if (round % 20 === 19) commands.push(['MSET', ...KEYS.flatMap((key) => [key, `all${++value}`])], ['DEL', KEYS[w]!]);
          await writer.pipeline(commands);
        }
      }),
    );
    const truth = new Map<string, string>();
    for (const key of KEYS) truth.set(key, String((await writers[0]!.ask('GET', key)) ?? ''));
    isOver = true;
    await Promise.all(reading);
    await waitFor('readers to believe only what is true', () => {
      for (const reader of readers) reader.hear();
      return readers.every((reader) => [...reader.cache].every(([key, text]) => truth.get(key) === text));
    }, 20_000);
    for (const reader of readers) expect(reader.invalidations).toBeGreaterThan(10);
    for (const client of [...writers, ...readers]) client.close();
  });
});

describe('MONITOR with 2 threads', () => {
  it('shows what clients of every thread run', async () => {
    const store = await startStore({ kind: 'larder-server', args: ['--threads', '2'] });
    try {
      const monitor = await store.connect();
      await monitor.command('MONITOR');
      const clients = await Promise.all(Array.from({ length: 8 }, () => store.connect()));
      await Promise.all(clients.map((client, i) => client.command('SET', `k${i}`, 'x')));
      const lines = (await monitor.frames(8)).map((frame) => /"set" "k\d"/i.exec(frame.toString('latin1'))?.[0].toLowerCase());
      expect(lines.sort()).toEqual(Array.from({ length: 8 }, (_, i) => `"set" "k${i}"`));
    } finally {
      await store.stop();
    }
  });
});
