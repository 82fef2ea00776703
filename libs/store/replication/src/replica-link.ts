/**
 * A replica's link to its primary, as a state machine: events and a clock in, actions out through `LinkHands`. It opens no socket,
 * writes no file and runs no command.
 *
 *   connect ──▶ connecting ──▶ handshake: PING ▸ AUTH, REPLCONF … ▸ PSYNC ──+CONTINUE──────────────────────▶ connected
 *      ▲                          │                                  └──+FULLRESYNC──▶ sync ──▶ loading ──▶    │
 *      └──────── a second later ◀─┴──────────────── any failure ◀────────────────────────┴────────┴───────────┘ at once
 *
 * What makes a partial resynchronisation possible is not kept here: `history` asks for it. It stays valid until the old data are
 * given up (`loading`), so a transfer that fails costs nothing. A connection that ends while the snapshot is loaded does not end the
 * loading: all of it is here, and who gave it may be gone for good.
 */
import type { Clock } from '@larder/shared-std';
import { TransferFrame } from './replica-transfer';

export type LinkPhase = 'none' | 'connect' | 'connecting' | 'handshake' | 'sync' | 'loading' | 'connected';

export interface LinkSettings {
  readonly user: string;
  readonly password: string;
  /** What the primary shows of this replica; '' leaves the address to the connection. */
  readonly announcedPort: number;
  readonly announcedIp: string;
  readonly timeoutMs: number;
}

/** Where the data at hand stand in a primary's history. */
export interface History {
  readonly id: string;
  readonly offset: number;
}

export type LoadResult = 'loaded' | 'failed' | 'refused';

/** What the link has done for it. */
export interface LinkHands {
  settings(): LinkSettings;
  log(level: 'notice' | 'warning', text: string): void;
  /** Answered by `connected` or `closed`. */
  connect(host: string, port: number): void;
  send(bytes: Buffer): void;
  /** Drops the connection, or the attempt; no event comes of it any more. */
  disconnect(): void;
  /** What a partial resynchronisation would continue; undefined: nothing. */
  history(): History | undefined;
  /** +CONTINUE: the stream goes on, under another id if the primary has one. */
  continued(newId: string | undefined): void;
  /** A full synchronisation: `length` bytes follow in pieces, -1 while that is not known. */
  transferBegins(length: number): void;
  transferred(bytes: Buffer, off: number, length: number): void;
  /** The transfer came to nothing. */
  transferFailed(): void;
  /** All is there: answered by `loaded`. History is `from` then; undefined: that of a primary without offsets. */
  load(from: History | undefined): void;
  /** How far the stream is on this replica's disk; -1: that is not known. */
  safeOffset?(): number;
  /** Bytes of the stream. */
  apply(bytes: Buffer, off: number, length: number): void;
  /** FAILOVER: the primary-to-be is asked to become one. */
  isTakingOver(): boolean;
  /** It has answered that. */
  takeOverAnswered(isAccepted: boolean): void;
}

type Expected = 'ping' | 'auth' | 'port' | 'ip' | 'capa' | 'psync' | 'bulk';

/** Who was refused as a source is asked after 1, 2, 4 … seconds, and then every so many. */
const REFUSED_TICKS_MAX = 30;
const LINE_BYTES_MAX = 64 * 1024;
const NEWLINE = Buffer.from('\n', 'latin1');
const LF = 10;
const IS_PRIMARY = "-ERR PSYNC FAILOVER can't be sent to a master";
const NO_ANSWER = 'Master did not respond to command during SYNC handshake';

function command(...words: string[]): Buffer {
  return Buffer.from(`*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`, 'latin1');
}

export class ReplicaLink {
  host = '';
  port = 0;
  phase: LinkPhase = 'none';
  /** Bytes of the running full synchronisation: announced (-1 unknown) and received. */
  transferLength = -1;
  transferRead = 0;
  /** ms of the monotonic clock when the primary last sent something; when the link was last lost (0: it is up, or never was). */
  lastIoAt = 0;
  downSince = 0;
  /** When the connection ended amid `loading`; 0: it stands. */
  private cutAt = 0;
  /** Whom FAILOVER asks to become the primary is one already. */
  private asksPrimary = false;
  /** A primary without offsets is never acknowledged to. */
  private isOld = false;
  /** Ticks to wait now, and after the next refusal. */
  private pause = 0;
  private nextPause = 0;
  private expected: Expected[] = [];
  private line: Buffer = Buffer.alloc(0);
  private fullFrom: History | undefined;
  private frame: TransferFrame | null = null;
  /** What came behind a transfer while it was being loaded. */
  private held: Buffer[] = [];
  private readonly hands: LinkHands;
  private readonly clock: Clock;

  constructor(hands: LinkHands, clock: Clock) {
    this.hands = hands;
    this.clock = clock;
  }

  // Orders

  /** Follows this primary from now on. */
  follow(host: string, port: number): void {
    this.reset();
    this.hurry();
    this.host = host;
    this.port = port;
    this.downSince = 0;
    this.tryToConnect('Connecting to');
  }

  /** As `follow`, but begins at the next tick: at a start, when settings are read before all is ready. */
  followSoon(host: string, port: number): void {
    this.host = host;
    this.port = port;
    this.phase = 'connect';
  }

  /** What was refused may be taken now: the primary is asked at the next tick. */
  hurry(): void {
    this.pause = this.nextPause = 0;
  }

  /** Follows nobody. */
  stop(): void {
    this.reset();
    this.phase = 'none';
    this.downSince = 0;
  }

  /** The stream made no sense, or the link is to begin anew: `why` is logged. */
  drop(why: string): void {
    if (why !== '') this.hands.log('warning', why);
    this.lost();
  }

  // Events

  connected(): void {
    if (this.phase !== 'connecting') return;
    this.hands.log('notice', 'Non blocking connect for SYNC fired the event.');
    this.phase = 'handshake';
    this.lastIoAt = this.clock.monotonic();
    this.ask('ping', command('PING'));
  }

  /** The connection failed or ended; `why` in the system's words, '' when the primary hung up. */
  closed(why: string): void {
    const { hands, phase } = this;
    if (phase === 'none' || phase === 'connect') return;
    if (phase === 'loading') {
      this.cutAt = Math.max(this.clock.monotonic(), 1);
      return;
    }
    if (phase === 'connecting') hands.log('warning', `Error condition on socket for SYNC: ${why === '' ? 'Connection closed' : why}`);
    else if (phase === 'handshake') hands.log('warning', this.expected.length > 0 && why === '' ? NO_ANSWER : `Error in the SYNC handshake: ${why}`);
    else if (phase === 'sync') hands.log('warning', `I/O error trying to sync with MASTER: ${why === '' ? 'connection lost' : why}`);
    this.lost();
  }

  received(bytes: Buffer, off: number, length: number): void {
    const end = off + length;
    this.lastIoAt = this.clock.monotonic();
    let at = off;
    while (at < end) {
      if (this.phase === 'connected') return this.hands.apply(bytes, at, end - at);
      if (this.phase === 'handshake') at = this.takeLine(bytes, at, end);
      else if (this.phase === 'sync') at = this.frame === null ? this.takeLine(bytes, at, end) : this.takeTransfer(bytes, at, end);
      else {
        // Nothing that follows a failure is of interest, and what follows a transfer waits.
        if (this.phase === 'loading') this.held.push(Buffer.from(bytes.subarray(at, end)));
        return;
      }
    }
  }

  /** What `load` asked for is done. */
  loaded(result: LoadResult): void {
    if (this.phase !== 'loading') return;
    const { hands } = this;
    if (result === 'refused') {
      this.pause = this.nextPause;
      this.nextPause = Math.min(REFUSED_TICKS_MAX, Math.max(1, this.nextPause * 2));
    }
    if (result !== 'loaded') return this.retreat();
    this.nextPause = 0;
    this.phase = 'connected';
    this.downSince = 0;
    this.isOld = this.fullFrom === undefined;
    this.lastIoAt = this.clock.monotonic();
    hands.log('notice', 'MASTER <-> REPLICA sync: Finished with success');
    const held = this.held.splice(0);
    const { cutAt } = this;
    this.acknowledge();
    for (const bytes of held) this.received(bytes, 0, bytes.length);
    if (cutAt === 0 || this.phase !== 'connected') return;
    this.lost();
    this.downSince = cutAt;
  }

  /** Once a second. */
  tick(): void {
    const { hands, phase } = this;
    const silentMs = this.clock.monotonic() - this.lastIoAt;
    const isSilent = silentMs > hands.settings().timeoutMs;
    if (phase === 'connect') return this.pause-- > 0 ? undefined : this.tryToConnect('Connecting to');
    if ((phase === 'connecting' || phase === 'handshake') && isSilent) {
      hands.log('warning', 'Timeout connecting to the MASTER...');
      return this.retreat();
    }
    if (phase === 'sync' && isSilent) {
      hands.log('warning', "Timeout receiving bulk data from MASTER... If the problem persists try to set the 'repl-timeout' parameter in redis.conf to a larger value.");
      return this.retreat();
    }
    if (phase === 'connected' && isSilent) {
      hands.log('warning', 'MASTER timeout: no data nor PING received...');
      return this.lost();
    }
    // So that the primary does not take a replica that is busy for one that is dead.
    if (phase === 'loading') hands.send(NEWLINE);
    else if (phase === 'connected') this.acknowledge();
  }

  /** Tells the primary how far the stream was applied. */
  acknowledge(): void {
    if (this.phase !== 'connected' || this.isOld) return;
    const history = this.hands.history();
    if (history === undefined) return;
    const safe = this.hands.safeOffset?.() ?? -1;
    this.hands.send(command('REPLCONF', 'ACK', String(history.offset), ...(safe < 0 ? [] : ['FACK', String(safe)])));
  }

  // Steps

  private tryToConnect(words: string): void {
    const { hands, host, port } = this;
    hands.log('notice', `${words} MASTER ${host}:${port}`);
    this.phase = 'connecting';
    this.lastIoAt = this.clock.monotonic();
    hands.log('notice', 'MASTER <-> REPLICA sync started');
    hands.connect(host, port);
  }

  private ask(what: Expected, bytes: Buffer): void {
    this.expected.push(what);
    this.hands.send(bytes);
  }

  /** Takes a line, or what there is of it; answers where it ends. */
  private takeLine(bytes: Buffer, at: number, end: number): number {
    const lf = bytes.indexOf(LF, at);
    if (lf < 0 || lf >= end) {
      this.line = Buffer.concat([this.line, bytes.subarray(at, end)]);
      if (this.line.length > LINE_BYTES_MAX) this.closed('the primary sends a line without an end');
      return end;
    }
    let line = bytes.toString('latin1', at, lf);
    if (this.line.length > 0) {
      line = this.line.toString('latin1') + line;
      this.line = Buffer.alloc(0);
    }
    this.answered(line.endsWith('\r') ? line.slice(0, -1) : line);
    return lf + 1;
  }

  private answered(line: string): void {
    const { hands } = this;
    if (this.phase === 'sync') return this.bulkAnnounced(line);
    const what = this.expected[0];
    if (what === undefined) return;
    if (what === 'psync') {
      if (line === '') return; // it is making up its mind
      this.expected.shift();
      return this.psyncAnswered(line);
    }
    this.expected.shift();
    const isError = line.startsWith('-');
    switch (what) {
      case 'ping':
        if (!line.startsWith('+') && !line.startsWith('-NOAUTH') && !line.startsWith('-NOPERM') && !line.startsWith('-ERR operation not permitted')) {
          hands.log('warning', `Error reply to PING from master: '${line}'`);
          return this.retreat();
        }
        hands.log('notice', 'Master replied to PING, replication can continue...');
        return this.introduce();
      case 'auth':
        if (!isError) return;
        hands.log('warning', `Unable to AUTH to MASTER: ${line}`);
        return this.retreat();
      case 'port':
        if (isError) hands.log('notice', `(Non critical) Master does not understand REPLCONF listening-port: ${line}`);
        return;
      case 'ip':
        if (isError) hands.log('notice', `(Non critical) Master does not understand REPLCONF ip-address: ${line}`);
        return;
      case 'capa':
        if (isError) hands.log('notice', `(Non critical) Master does not understand REPLCONF capa: ${line}`);
        return this.askForStream();
      default:
    }
  }

  private introduce(): void {
    const { user, password, announcedIp, announcedPort } = this.hands.settings();
    if (password !== '') this.ask('auth', user === '' ? command('AUTH', password) : command('AUTH', user, password));
    this.ask('port', command('REPLCONF', 'listening-port', String(announcedPort)));
    if (announcedIp !== '') this.ask('ip', command('REPLCONF', 'ip-address', announcedIp));
    this.ask('capa', command('REPLCONF', 'capa', 'eof', 'capa', 'psync2'));
  }

  private askForStream(): void {
    const { hands } = this;
    const history = hands.history();
    const id = history?.id ?? '?';
    const from = history === undefined ? '-1' : String(history.offset + 1);
    if (history === undefined) hands.log('notice', 'Partial resynchronization not possible (no cached master)');
    else hands.log('notice', `Trying a partial resynchronization (request ${id}:${from}).`);
    this.ask('psync', hands.isTakingOver() && !this.asksPrimary ? command('PSYNC', id, from, 'FAILOVER') : command('PSYNC', id, from));
  }

  private psyncAnswered(line: string): void {
    const { hands } = this;
    if (hands.isTakingOver()) {
      // It may have become one at our request, and the connection was cut before it could say so. If it goes on where we end, it did.
      if (line.startsWith(IS_PRIMARY) && !this.asksPrimary) {
        this.asksPrimary = true;
        return this.askForStream();
      }
      const isAccepted = line.startsWith('+CONTINUE') || (line.startsWith('+FULLRESYNC') && !this.asksPrimary);
      hands.takeOverAnswered(isAccepted);
      // Who refused to be the primary will not be followed as one.
      if (!isAccepted) return this.phase === 'handshake' ? this.retreat() : undefined;
    }
    if (line.startsWith('+FULLRESYNC')) {
      const found = /^\+FULLRESYNC ([^ ]{40}) (\d{1,15})$/.exec(line);
      if (found === null) hands.log('warning', 'Master replied with wrong +FULLRESYNC syntax.');
      else hands.log('notice', `Full resync from master: ${found[1]}:${found[2]}`);
      return this.expectBulk(found === null ? undefined : { id: found[1]!, offset: Number(found[2]) });
    }
    if (line.startsWith('+CONTINUE')) {
      const history = hands.history();
      const newId = /^\+CONTINUE[ \t]+([^ \r\n]{40})/.exec(line)?.[1];
      hands.log('notice', 'Successful partial resynchronization with master.');
      const isOther = newId !== undefined && newId !== history?.id;
      if (isOther) hands.log('warning', `Master replication ID changed to ${newId}`);
      this.phase = 'connected';
      this.downSince = 0;
      this.isOld = false;
      hands.continued(isOther ? newId : undefined);
      hands.log('notice', 'MASTER <-> REPLICA sync: Master accepted a Partial Resynchronization.');
      return this.acknowledge();
    }
    if (line.startsWith('-NOMASTERLINK') || line.startsWith('-LOADING')) {
      hands.log('notice', `Master is currently unable to PSYNC but should be in the future: ${line}`);
      return this.retreat();
    }
    if (line.startsWith('-ERR')) hands.log('notice', `Master does not support PSYNC or is in error state (reply: ${line})`);
    else hands.log('warning', `Unexpected reply to PSYNC from master: ${line}`);
    hands.log('notice', 'Retrying with SYNC...');
    hands.send(Buffer.from('SYNC\r\n', 'latin1'));
    this.expectBulk(undefined);
  }

  private expectBulk(from: History | undefined): void {
    this.phase = 'sync';
    this.fullFrom = from;
    this.frame = null;
    this.transferLength = -1;
    this.transferRead = 0;
  }

  private bulkAnnounced(line: string): void {
    const { hands } = this;
    if (line === '') return; // it is still making its snapshot
    if (line.startsWith('-')) {
      hands.log('warning', `MASTER aborted replication with an error: ${line.slice(1)}`);
      return this.retreat();
    }
    if (line.startsWith('\0')) return;
    const frame = TransferFrame.announced(line);
    if (frame === undefined) {
      hands.log('warning', `Bad protocol from MASTER, the first byte is not '$' (we received '${line}'), are you sure the host and port are right?`);
      return this.retreat();
    }
    this.frame = frame;
    this.transferLength = frame.length;
    if (frame.length < 0) hands.log('notice', 'MASTER <-> REPLICA sync: receiving streamed RDB from master with EOF to disk');
    else hands.log('notice', `MASTER <-> REPLICA sync: receiving ${frame.length} bytes from master to disk`);
    hands.transferBegins(frame.length);
    if (frame.isWhole) this.transferEnds();
  }

  private takeTransfer(bytes: Buffer, at: number, end: number): number {
    const frame = this.frame!;
    const taken = frame.take(bytes, at, end, (piece, off, length) => {
      this.transferRead += length;
      this.hands.transferred(piece, off, length);
    });
    if (this.phase === 'sync' && frame.isWhole) this.transferEnds();
    return at + taken;
  }

  private transferEnds(): void {
    this.frame = null;
    this.phase = 'loading';
    this.hands.load(this.fullFrom);
  }

  // Ends

  /** The attempt failed: another one at the next tick. */
  private retreat(): void {
    this.reset();
    this.phase = 'connect';
  }

  /** A link that was up is tried again at once, an attempt at the next tick. */
  private lost(): void {
    const wasUp = this.phase === 'connected';
    if (!wasUp) return this.retreat();
    const { hands } = this;
    hands.log('warning', 'Connection with master lost.');
    if (hands.history() !== undefined) hands.log('notice', 'Caching the disconnected master state.');
    this.retreat();
    this.downSince = Math.max(this.clock.monotonic(), 1);
    this.tryToConnect('Reconnecting to');
  }

  private reset(): void {
    const { phase } = this;
    this.phase = 'none';
    if (phase === 'sync' || phase === 'loading') this.hands.transferFailed();
    if (phase !== 'none' && phase !== 'connect') this.hands.disconnect();
    this.expected = [];
    this.line = Buffer.alloc(0);
    this.frame = null;
    this.held = [];
    this.cutAt = 0;
    this.isOld = this.asksPrimary = false;
    this.transferLength = -1;
    this.transferRead = 0;
  }
}
