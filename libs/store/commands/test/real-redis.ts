/**
 * A real redis-server for the differential tests of the rooms, asked in one pipeline. Replies come back raw, one latin1 character per byte.
 */
import { encodeCommands, missingTools, startStore } from '@larder/shared-testing';
import type { RawClient, Store } from '@larder/shared-testing';

export type Frame = string | Frame[];

/** Whether differential tests run: always on CI, where the server must be there. */
export const hasRedis = process.env['CI'] === 'true' || missingTools(['redis-server']).length === 0;

const TIMEOUT_MS = 60_000;

export class RealRedis {
  readonly store: Store;
  private readonly client: RawClient;

  private constructor(store: Store, client: RawClient) {
    this.store = store;
    this.client = client;
  }

  static async start(): Promise<RealRedis> {
    const store = await startStore({ kind: 'redis-server' });
    return new RealRedis(store, await store.connect(2, TIMEOUT_MS));
  }

  /** Sends all commands (words are latin1) and waits for as many replies. */
  async ask(commands: readonly (readonly string[])[]): Promise<string[]> {
    return (await this.client.exchange(encodeCommands(commands), commands.length)).map((reply) => reply.toString('latin1'));
  }

  async stop(): Promise<void> {
    this.client.close();
    await this.store.kill();
  }
}

/** The frame at `at` of RESP2 or RESP3: scalars keep their kind in front, a bulk string a quote, so that "1, :1 and $-1 (null) differ. */
export function readFrame(input: string, at: number): { frame: Frame; end: number } {
  const lineEnd = input.indexOf('\r\n', at);
  if (lineEnd < 0) throw new Error('incomplete');
  const kind = input[at]!;
  const head = input.slice(at + 1, lineEnd);
  const start = lineEnd + 2;
  if (kind === '$' && head !== '-1') {
    const end = start + Number(head) + 2;
    if (end > input.length) throw new Error('incomplete');
    return { frame: `"${input.slice(start, end - 2)}`, end };
  }
  if (!'*~%'.includes(kind) || head === '-1') return { frame: kind + head, end: start };
  const items: Frame[] = [`${kind}${head}`];
  let end = start;
  for (let left = Number(head) * (kind === '%' ? 2 : 1); left > 0; left--) {
    const item = readFrame(input, end);
    items.push(item.frame);
    end = item.end;
  }
  return { frame: items, end };
}
