/**
 * A store without sockets, for tests of command rooms: send a command, get the raw reply.
 */
import { Keyspace } from '@larder/store-keyspace';
import type { ValueKind } from '@larder/store-keyspace';
import { Arena } from '@larder/store-memory';
import { Args, Reply } from '@larder/store-resp';
import type { Threads } from '@larder/store-threads';
import type { CommandRow } from '../command';
import { CommandTable } from '../command';
import { Dispatcher } from '../dispatcher';
import { Session } from '../session';
import { transactionCommands } from '../transactions';

class TestSession extends Session {
  readonly delivered: string[] = [];
  deliver(bytes: Uint8Array): void {
    this.delivered.push(Buffer.from(bytes).toString('latin1'));
  }
  end(): void {
    this.closing = true;
  }
  describe(): string {
    return 'addr=test';
  }
}

export class TestStore {
  readonly arena: Arena;
  readonly keyspace: Keyspace;
  readonly dispatcher: Dispatcher;
  readonly reply = new Reply();
  readonly session: TestSession;
  /** Of the monotonic clock; the keyspace's `now` is stepped with it. */
  elapsed = 0;
  private sessions = 0;
  private seed = 1;
  private readonly args = new Args();

  /** `beside` has the same keys, as another thread has them: the two must take turns. With `threads` the test enters their gate itself. */
  constructor(rows: readonly CommandRow[], kinds: readonly ValueKind[] = [], shards = 4, beside?: TestStore, threads: Threads | null = null) {
    this.arena = beside?.arena ?? new Arena({ shards, segments: 1, segmentBytes: 128 << 20 });
    const shared = beside?.keyspace.share();
    this.keyspace = new Keyspace({ arena: this.arena, databases: 16, hashSeed: [1, 2, 3], kinds, ...(shared === undefined ? {} : { shared }) });
    this.keyspace.now = 1_700_000_000_000;
    const host = {
      makeRoom: () => true,
      forbids: () => undefined,
      seesAllKeys: () => true,
      monotonic: () => this.elapsed,
      random32: () => this.random32(),
      deadlinesChanged: () => undefined,
      wasSlow: () => undefined,
      commandFailed: () => undefined,
      leftWork: () => undefined,
    };
    this.dispatcher = new Dispatcher(new CommandTable([...rows, ...transactionCommands]), this.keyspace, host, this.reply, threads);
    this.session = this.connect();
  }

  /** Another client. */
  connect(): TestSession {
    return new TestSession(++this.sessions);
  }

  /** Runs a command (words, or one line split at spaces) and returns the reply as it would go over the wire (latin1). */
  run(words: string | readonly (string | Uint8Array)[], session: Session = this.session): string {
    this.reply.pos = 0;
    this.dispatcher.dispatch(session, this.args.set(typeof words === 'string' ? words.split(' ') : words));
    return this.reply.buf.toString('latin1', 0, this.reply.pos);
  }

  /** Steps both clocks. */
  step(ms: number): void {
    this.elapsed += ms;
    this.keyspace.now += ms;
    this.dispatcher.expireBlocked();
  }

  random32(): number {
    this.seed = (Math.imul(this.seed, 1664525) + 1013904223) | 0;
    return this.seed ^ (this.seed >>> 16);
  }
}
