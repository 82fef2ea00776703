/**
 * A server's threads: what one thread does for, and hears from, the others.
 *
 *   thread 0 ("home")   accepts, executes, and alone owns what there is only one of: files, log of slow commands, INFO
 *   thread 1 …          accept on the same port and execute
 *
 * How a command that is not about keys keeps its meaning is one list here, by name:
 *   AT_HOME      runs on thread 0, whoever asked               (SAVE, INFO, SLOWLOG …)
 *   EVERYWHERE   runs on every thread, the first refusal counts (CONFIG SET, ACL SETUSER, SCRIPT FLUSH …)
 *   GATHERED     runs on every thread, answers are put together (CLIENT LIST, CLIENT KILL …)
 * All three are exclusive sections: nobody executes meanwhile, and every thread reads its mail.
 */
import { serialize, deserialize } from 'node:v8';
import type { Command, CommandRow, Session, TimingParts, Unit } from '@larder/store-dispatch';
import { BUSY_SCRIPT, EVERYTHING as ALL_SHARDS, FIRST_HOST_KIND, Session as SessionClass } from '@larder/store-dispatch';
import type { SharedKeyspace } from '@larder/store-keyspace';
import type { SharedArena } from '@larder/store-memory';
import { Args, Reply } from '@larder/store-resp';
import type { SharedThreads, Threads } from '@larder/store-threads';
import { BUSY_UNKILLABLE, NOT_BUSY } from '@larder/store-threads';
import type { ReplicationShared } from './replication/replication';
import type { StoreServer } from './store-server';

/** What a further thread needs to join. */
export interface SharedServer {
  readonly threads: SharedThreads;
  readonly arena: SharedArena;
  readonly keyspace: SharedKeyspace;
  readonly journal: SharedArrayBuffer;
  /** Whether units are written to the journal now. */
  readonly journals: boolean;
  /** Conditions of the server. */
  readonly conditions: number;
  /** Changes since the last save, a double per thread. */
  readonly changes: SharedArrayBuffer;
  readonly runId: string;
  readonly tlsSecret: Uint8Array;
  readonly replication: ReplicationShared;
  readonly startedAt: number;
}

const AT_HOME: ReadonlySet<string> = new Set([
  'save', 'bgsave', 'bgrewriteaof', 'lastsave', 'shutdown', 'info', 'config|rewrite', 'acl|save', 'acl|log',
  'slowlog|get', 'slowlog|len', 'slowlog|reset', 'latency|history', 'latency|latest', 'latency|reset', 'latency|doctor',
  'latency|graph', 'latency|histogram', 'memory|stats', 'memory|doctor', 'memory|malloc-stats', 'debug', 'role', 'failover',
  'replicaof', 'slaveof',
]);

/** Subcommands of DEBUG that are about what home alone has; the others run on any thread, alone. */
const DEBUG_AT_HOME: ReadonlySet<string> = new Set([
  'reload', 'loadaof', 'restart', 'crash-and-recover', 'panic', 'assert', 'segfault', 'oom', 'set-active-expire', 'pause-cron', 'journal',
  'change-repl-id', 'thread-panic', 'config-rewrite-force-all', 'aof-flush-sleep',
]);

/** Subcommands of DEBUG that every thread follows. */
const DEBUG_EVERYWHERE: ReadonlySet<string> = new Set(['set-skip-checksum-validation', 'set-disable-deny-scripts']);

/** Of those at home: they show counters of all threads. */
const NEEDS_FIGURES: ReadonlySet<string> = new Set(['info', 'latency|histogram', 'memory|stats', 'memory|doctor']);

const EVERYWHERE: ReadonlySet<string> = new Set([
  'config|set', 'config|resetstat', 'acl|setuser', 'acl|deluser', 'acl|load', 'client|pause', 'client|unpause',
  'script|load', 'script|flush', 'function|load', 'function|delete', 'function|flush', 'function|restore',
]);

type Merge = (answers: readonly string[]) => string;

const sum: Merge = (answers) => `:${answers.reduce((total, answer) => total + Number(answer.slice(1)), 0)}\r\n`;

/** Lines of clients, oldest connection first, as one verbatim string. */
const lines: Merge = (answers) => {
  const all = answers.flatMap((answer) => answer.slice(answer.indexOf('\n') + 1, -2).split('\n').filter((line) => line !== ''));
  const idOf = (line: string) => Number(/^(?:txt:)?id=(\d+)/.exec(line)![1]);
  const text = all.sort((a, b) => idOf(a) - idOf(b)).map((line) => `${line}\n`).join('');
  return `$${Buffer.byteLength(text, 'latin1')}\r\n${text}\r\n`;
};

/** +OK when one of them did it. */
const one: Merge = (answers) => answers.find((answer) => answer.startsWith('+')) ?? answers[0]!;

const GATHERED: Readonly<Record<string, Merge>> = {
  'client|list': lines,
  'client|kill': (answers) => (answers.some((answer) => answer.startsWith(':')) ? sum(answers) : one(answers)),
  'client|unblock': sum,
};

/** What SHUTDOWN answers when it is aborted while it waits for replicas. */
export function shutdownPutOff(reply: Reply): void {
  reply.error('ERR Errors trying to SHUTDOWN. Check logs.');
}

/** Errors that a thread answers because the client is not one of its own are nobody's answer. */
const NOT_MINE = '-ERR No such client';

const SCRIPT_LETTER = FIRST_HOST_KIND;
const SUBSCRIBERS_LETTER = FIRST_HOST_KIND + 1;
const MESSAGE_LETTER = FIRST_HOST_KIND + 2;
/** Something for a log that home keeps. */
const NOTE_LETTER = FIRST_HOST_KIND + 3;
const ORDER_LETTER = FIRST_HOST_KIND + 4;
const JOURNAL_LETTER = FIRST_HOST_KIND + 5;
/** What it says besides 0 and 1: the journal's ring is fed no longer, or from now on. */
const STREAM_OFF = 2;
const STREAM_ON = 3;
const DROP_LINKS = 4;
const CONDITION_LETTER = FIRST_HOST_KIND + 6;
const CAPTURE_LETTER = FIRST_HOST_KIND + 7;
const LIBRARY_LETTER = FIRST_HOST_KIND + 8;
const PRIMARY_LETTER = FIRST_HOST_KIND + 9;

interface Order {
  words: Uint8Array[];
  client: { id: number; name: string; user: string; database: number; protocol: 2 | 3; isLocal: boolean; address: string };
}

/** A client of another thread, while a command of its runs here. */
export class Visitor extends SessionClass {
  readonly isLocal: boolean;
  readonly address: string;

  constructor(client: Order['client']) {
    super(client.id);
    this.name = client.name;
    this.user = client.user;
    this.database = client.database;
    this.protocol = client.protocol;
    this.isLocal = client.isLocal;
    this.address = client.address;
  }
  deliver(): void {
    // Pushes to it go out on its own thread.
  }
  end(): void {
    // Its own thread ends it.
  }
  describe(): string {
    return `addr=${this.address}`;
  }
}

/** Counters that a thread hands over to home when they are asked for. */
export interface Figures {
  readonly keyspace: readonly number[];
  readonly server: readonly number[];
  readonly commands: readonly { name: string; calls: number; rejected: number; failed: number; timing: TimingParts }[];
  readonly errors: readonly [string, number][];
  /** Of this moment: clients, blocked clients and such. */
  readonly gauges: Readonly<Record<string, number>>;
}

export class Crew {
  readonly threads: Threads;
  private readonly server: StoreServer;
  /** Gauges of the other threads, as they last said. */
  gauges: readonly Readonly<Record<string, number>>[] = [];

  constructor(server: StoreServer, threads: Threads) {
    this.server = server;
    this.threads = threads;
    const { mail } = threads;
    mail.onQuestion('run', (order) => this.obey(order as Order));
    mail.onQuestion('panic', () => {
      setImmediate(() => {
        throw new Error('DEBUG THREAD-PANIC');
      });
      return true;
    });
    mail.onQuestion('figures', () => this.handOver());
    mail.on(PRIMARY_LETTER, (bytes, off, length) => {
      server.settings.assign('replicaof', ...(deserialize(Buffer.from(bytes.subarray(off, off + length))) as [string, string]));
    });
    mail.onQuestion('pause', (ms) => {
      server.pause.pause(ms as number, true);
      return true;
    });
    mail.onQuestion('shutdown-aborted', () => {
      server.replication.endOwnWaitsForShutdown();
      return true;
    });
    mail.onQuestion('take-over', () => {
      const { isInside, isAlone } = threads.gate;
      threads.gate.isInside = threads.gate.isAlone = true;
      server.replica!.promote();
      threads.gate.isInside = isInside;
      threads.gate.isAlone = isAlone;
      return true;
    });
    mail.onQuestion('unblock', (error) => {
      server.unblockOwn(error as string);
      return true;
    });
    mail.onQuestion('capture', (what) => {
      server.hearCapture?.(what as string);
      return true;
    });
    mail.on(CAPTURE_LETTER, (bytes, off, length) => server.hearCapture?.(bytes.toString('latin1', off, off + length)));
    mail.on(SCRIPT_LETTER, (bytes, off, length) => server.learnScript?.(Buffer.from(bytes.subarray(off, off + length))));
    mail.on(SUBSCRIBERS_LETTER, (bytes, off, length, from) => {
      const { kind, name, count } = deserialize(Buffer.from(bytes.subarray(off, off + length)));
      server.pubsub.heardOf(from, kind, name, count);
    });
    mail.on(MESSAGE_LETTER, (bytes, off, length) => server.pubsub.read(bytes, off, length));
    mail.on(JOURNAL_LETTER, (bytes, off) => {
      const what = bytes[off]!;
      if (what === DROP_LINKS) server.replication.closeLinks();
      else if (what >= STREAM_OFF) server.writeStream(what === STREAM_ON);
      else server.writeJournal(what === 1);
    });
    mail.on(CONDITION_LETTER, (bytes, off) => server.applyCondition(bytes.readInt32LE(off), bytes[off + 4] === 1));
    mail.on(LIBRARY_LETTER, (bytes, off, length) => {
      if (length === 0) server.functions.flush();
      else server.functions.load(Buffer.from(bytes.subarray(off, off + length)), true);
    });
    mail.on(ORDER_LETTER, (bytes, off, length) => void this.obey(deserialize(Buffer.from(bytes.subarray(off, off + length)))));
    mail.on(NOTE_LETTER, (bytes, off, length) => {
      const { log, entry } = deserialize(Buffer.from(bytes.subarray(off, off + length)));
      server.note(log, entry);
    });
    server.pubsub.crew = this;
  }

  get isHome(): boolean {
    return this.threads.index === 0;
  }

  /** Rows as this thread runs them. */
  rows(rows: readonly CommandRow[]): readonly CommandRow[] {
    return rows.map((row): CommandRow => {
      const { name, run } = row;
      if (name === 'script|kill' || name === 'function|kill') return { ...row, run: (unit) => this.killScript(unit, run) };
      // While a script is busy there is no exclusive section to be had.
      if (name === 'shutdown') return { ...row, reach: () => (this.server.isLockedOut || this.threads.busy !== NOT_BUSY ? 0 : ALL_SHARDS), run: (unit) => this.shutdown(unit, run) };
      if (name === 'debug') return { ...row, needs: 'exclusive', run: (unit) => this.debug(unit, run) };
      if (AT_HOME.has(name) && !this.isHome) return { ...row, needs: 'exclusive', run: (unit) => this.atHome(unit) };
      if (AT_HOME.has(name)) return { ...row, needs: 'exclusive', run: this.plain.get(name)! };
      if (EVERYWHERE.has(name)) return { ...row, needs: 'exclusive', run: (unit) => this.everywhere(unit, run) };
      const merge = GATHERED[name];
      if (merge !== undefined) return { ...row, needs: 'exclusive', run: (unit) => this.gather(unit, run, merge) };
      return row;
    });
  }

  private order(unit: Unit): Order {
    const { session, args } = unit;
    const { id, name, user, database, protocol } = session;
    const { isLocal, address } = session as Partial<Visitor>;
    const words = Array.from({ length: args.count }, (_, i) => args.copy(i));
    return { words, client: { id, name, user, database, protocol, isLocal: isLocal ?? false, address: address ?? '' } };
  }

  private killScript(unit: Unit, run: (unit: Unit) => void): void {
    const { threads, server } = this;
    // A script of this thread, or none; one that holds a few shards does not keep others out of the gate.
    if (threads.busy === NOT_BUSY || server.dispatcher.isAmidScript) return run(unit);
    if (threads.busy === BUSY_UNKILLABLE) {
      return unit.reply.error(
        'UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait the script termination or ' +
          'kill the server in a hard way using the SHUTDOWN NOSAVE command.',
      );
    }
    threads.killScript();
    unit.reply.ok();
  }

  private shutdown(unit: Unit, run: (unit: Unit) => void): void {
    const { args, reply } = unit;
    const { gate } = this.threads;
    // Beside a busy script this thread is not alone: nothing can be saved.
    if (!gate.isAlone && (args.count !== 2 || !args.is(1, 'nosave'))) return reply.error(BUSY_SCRIPT);
    if (this.isHome) return run(unit);
    if (!gate.isAlone) return this.threads.exit(0);
    const at = reply.pos;
    this.atHome(unit);
    if (reply.pos === at) unit.block([], 0, shutdownPutOff);
  }

  private debug(unit: Unit, run: (unit: Unit) => void): void {
    const subcommand = unit.args.text(1).toLowerCase();
    if (DEBUG_EVERYWHERE.has(subcommand)) this.everywhere(unit, run);
    else if (!this.isHome && DEBUG_AT_HOME.has(subcommand)) this.atHome(unit);
    else run(unit);
  }

  private atHome(unit: Unit): void {
    unit.reply.raw(this.threads.mail.ask(0, 'run', this.order(unit)) as Uint8Array);
  }

  private everywhere(unit: Unit, run: (unit: Unit) => void): void {
    const { reply } = unit;
    const start = reply.pos;
    run(unit);
    if (reply.buf[start] === 45) return; // refused here as it would be there
    const order = this.order(unit);
    const { mail, count, index } = this.threads;
    let refusal: Uint8Array | undefined;
    for (let t = 0; t < count; t++) {
      if (t === index) continue;
      if (!mail.isReady(t)) {
        mail.post(t, ORDER_LETTER, serialize(order)); // it is starting: first thing it reads
        continue;
      }
      const answer = mail.ask(t, 'run', order) as Uint8Array | undefined;
      if (answer?.[0] === 45) refusal ??= answer;
    }
    if (refusal === undefined) return;
    // Done here and not there: threads differ now, which whoever asked must hear of.
    this.server.log.warning(`A thread has refused what another one has done: ${Buffer.from(refusal).toString('latin1').trimEnd()}`);
    reply.pos = start;
    reply.raw(refusal);
    reply.errors = 1;
    reply.errorAt = start;
  }

  private gather(unit: Unit, run: (unit: Unit) => void, merge: Merge): void {
    const { reply } = unit;
    const start = reply.pos;
    const { protocol } = reply;
    reply.protocol = 2;
    run(unit);
    reply.protocol = protocol;
    const own = reply.buf.toString('latin1', start, reply.pos);
    if (own.startsWith('-') && !own.startsWith(NOT_MINE)) return;
    const order = this.order(unit);
    order.client.protocol = 2;
    const answers = [own];
    for (let t = 0; t < this.threads.count; t++) {
      if (t === this.threads.index) continue;
      const answer = this.threads.mail.ask(t, 'run', order) as Uint8Array | undefined;
      if (answer !== undefined) answers.push(Buffer.from(answer).toString('latin1'));
    }
    reply.pos = start;
    const merged = merge(answers);
    if (protocol === 3 && merged.startsWith('$')) {
      const text = merged.slice(merged.indexOf('\n') + 1, -2);
      reply.verbatim(text);
    } else reply.raw(Buffer.from(merged, 'latin1'));
    reply.errors = merged.startsWith('-') ? 1 : 0;
    reply.errorAt = start;
  }

  /** Runs a command of another thread's client here, alone as that thread is. */
  private obey({ words, client }: Order): Uint8Array {
    const { dispatcher } = this.server;
    const args = new Args().set(words);
    const command = dispatcher.resolve(dispatcher.table.find(args.buf, args.off[0]!, args.len[0]!), args);
    if (typeof command === 'string') throw new Error(command);
    const visitor: Session = new Visitor(client);
    const reply = new Reply();
    reply.protocol = client.protocol;
    const { gate } = this.threads;
    const { isInside, isAlone } = gate;
    gate.isInside = gate.isAlone = true;
    try {
      dispatcher.visit(visitor, this.plainRun(command), args, reply);
    } finally {
      gate.isInside = isInside;
      gate.isAlone = isAlone;
    }
    return reply.buf.subarray(0, reply.pos).slice();
  }

  private readonly plain = new Map<string, CommandRow['run']>();

  /** Remembers what the rows do by themselves, for orders of other threads. */
  remember(rows: readonly CommandRow[]): void {
    for (const { name, run } of rows) {
      if (!AT_HOME.has(name) && !EVERYWHERE.has(name) && !(name in GATHERED)) continue;
      const counts = NEEDS_FIGURES.has(name)
        ? (unit: Unit) => {
            this.gatherFigures();
            run(unit);
          }
        : run;
      this.plain.set(name, counts);
    }
  }

  private plainRun(command: Command): Command {
    const run = this.plain.get(command.name);
    if (run === undefined) throw new Error(`threads: ${command.name} is not run for others`);
    return { ...command, run };
  }

  /** DEBUG THREAD-PANIC: a thread dies by a fault of ours. */
  panic(thread: number): void {
    this.threads.mail.ask(thread, 'panic', null);
  }

  /** Home's figures become those of all. Alone only. */
  gatherFigures(): void {
    if (this.threads.count === 1) return;
    const answers = this.threads.mail.askAll('figures', null) as Figures[];
    this.gauges = answers.slice(1).map((answer) => answer.gauges);
    for (const answer of answers.slice(1)) this.server.statistics.takeOver(answer);
  }

  private handOver(): Figures {
    return this.server.statistics.handOver(!this.isHome);
  }

  /** Every other thread knows this script too before anybody can ask for it. */
  tellScript(body: Uint8Array): void {
    this.tellOthers(SCRIPT_LETTER, body);
  }

  tellSubscribers(kind: string, name: string, count: number): void {
    this.threads.mail.tellAll(SUBSCRIBERS_LETTER, { kind, name, count });
  }

  /** `replicaof` of all other threads. Alone only. */
  tellPrimary(host: string, port: string): void {
    this.threads.mail.tellAll(PRIMARY_LETTER, [host, port]);
  }

  /** Alone only. */
  unblockAll(error: string): void {
    this.threads.mail.askAll('unblock', error);
  }

  /** No bytes: all functions go. */
  tellLibrary(code: Uint8Array): void {
    this.tellOthers(LIBRARY_LETTER, code);
  }

  tellJournal(isOn: boolean): void {
    this.tellOthers(JOURNAL_LETTER, Buffer.from([isOn ? 1 : 0]));
  }

  /** Alone only. */
  tellPause(ms: number): void {
    this.askOthers('pause', ms);
  }

  /** Alone only. */
  tellShutdownAborted(): void {
    this.askOthers('shutdown-aborted', null);
  }

  /** This replica becomes the primary: home does it, in this thread's exclusive section. */
  takeOver(): void {
    this.threads.mail.ask(0, 'take-over', null);
  }

  private askOthers(name: string, question: unknown): void {
    const { mail, count, index } = this.threads;
    for (let t = 0; t < count; t++) if (t !== index) mail.ask(t, name, question);
  }

  tellStream(isOn: boolean): void {
    this.tellOthers(JOURNAL_LETTER, Buffer.from([isOn ? STREAM_ON : STREAM_OFF]));
  }

  /** Replicas of all threads shall connect anew. */
  tellLinksDropped(): void {
    this.tellOthers(JOURNAL_LETTER, Buffer.from([DROP_LINKS]));
  }

  tellCondition(bit: number, isOn: boolean): void {
    const letter = Buffer.alloc(5);
    letter.writeInt32LE(bit, 0);
    letter[4] = isOn ? 1 : 0;
    this.tellOthers(CONDITION_LETTER, letter);
  }

  /** Of a background save: all others begin to capture, or end. When this returns they have; `begin` they do before they execute again. */
  tellCapture(what: 'begin' | 'close' | 'discard'): void {
    const { mail, count, index } = this.threads;
    for (let t = 0; t < count; t++) {
      if (t === index) continue;
      if (what !== 'begin' && mail.isReady(t)) mail.ask(t, 'capture', what);
      else mail.post(t, CAPTURE_LETTER, Buffer.from(what));
    }
  }

  private tellOthers(kind: number, letter: Uint8Array): void {
    const { mail, count, index } = this.threads;
    mail.together(((1 << count) - 1) & ~(1 << index), kind, letter, () => undefined);
  }

  tellMessage(mask: number, letter: Uint8Array, own: () => void): void {
    this.threads.mail.together(mask, MESSAGE_LETTER, letter, own);
  }

  /** For the log of that name, which home keeps. */
  tellNote(log: string, entry: unknown): void {
    this.threads.mail.post(0, NOTE_LETTER, serialize({ log, entry }));
  }
}
