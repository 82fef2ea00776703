/**
 * Brings append-only files back into memory: an RDB preamble first, then commands, run as if a client of nobody sent them.
 *
 * Nothing expires meanwhile, no gate is asked, nothing is journalled. It goes in slices, so that clients who ask are told
 * that the server is loading.
 */
import { closeSync, fstatSync, openSync, readSync, truncateSync } from 'node:fs';
import type { Command } from '@larder/store-dispatch';
import { Session } from '@larder/store-dispatch';
import type { ValueCodec } from '@larder/store-keyspace';
import { ArenaFull } from '@larder/store-memory';
import { AofLoader, RdbFault, RdbReader, aofFaultLines } from '@larder/store-persistence';
import type { AofSource } from '@larder/store-persistence';
import type { Args } from '@larder/store-resp';
import { Reply } from '@larder/store-resp';
import type { StoreServer } from '../store-server';
import { rdbPieces } from './rdb-load';
import type { Pieces } from './rdb-load';

/** The client whose commands a file holds. */
class FileSession extends Session {
  deliver(): void {
    // Nobody listens.
  }
  end(): void {
    this.closing = true;
  }
  describe(): string {
    return 'addr=file';
  }
}

export type ReplayResult = 'loaded' | 'truncated' | 'empty' | 'missing' | 'failed';

const COMMANDS_PER_STEP = 512;
const SLICE_MS = 10;

export interface ReplayOptions {
  server: StoreServer;
  codecs: readonly ValueCodec[];
  /** Nothing follows it, so it may have a torn end, and it is written on. */
  isLast: boolean;
  /** Bytes of this file that are read. */
  progress: (bytes: number) => void;
}

/** Loads one file. What is wrong with it stands in the log. */
export function* replayFile(path: string, name: string, isOldStyle: boolean, options: ReplayOptions): Pieces<ReplayResult> {
  const { server } = options;
  const { log } = server;
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') {
      log.warning(`The append log file ${name} doesn't exist: No such file or directory`);
      return 'missing';
    }
    log.warning(`Fatal error: can't open the append log file ${name} for reading: ${message}`);
    return 'failed';
  }
  try {
    const source: AofSource = { size: fstatSync(fd).size, read: (into, position) => readSync(fd, into, 0, into.length, position) };
    if (source.size === 0) return 'empty';
    const from = yield* readPreamble(source, name, isOldStyle, options);
    if (from < 0) return 'failed';
    return yield* replayCommands(source, path, name, from, options);
  } catch (error) {
    if (!(error instanceof ArenaFull)) throw error;
    log.warning(`Out of memory loading the append only file ${name}`);
    return 'failed';
  } finally {
    closeSync(fd);
  }
}

/** Where commands begin: behind the RDB preamble, if there is one. -1 when that is damaged. */
function* readPreamble(source: AofSource, name: string, isOldStyle: boolean, { server, codecs, progress }: ReplayOptions): Pieces<number> {
  const { log } = server;
  const magic = Buffer.alloc(5);
  if (source.read(magic, 0) < 5 || magic.toString('latin1') !== 'REDIS') return 0;
  log.notice(isOldStyle ? 'Reading RDB preamble from AOF file...' : 'Reading RDB base file on AOF loading...');
  let at = 0;
  const reader = new RdbReader(
    {
      read(into: Buffer): number {
        const read = source.read(into, at);
        at += read;
        return read;
      },
    },
    { codecs, bytes: source.size, library: (code) => server.loadLibrary(code), checks: server.settings.flag('rdbchecksum'), isDeep: server.settings.shown('sanitize-dump-payload') !== 'no', progress },
  );
  try {
    yield* rdbPieces(reader, server, progress);
    const loaded = reader.progress;
    log.notice(`Done loading RDB, keys loaded: ${loaded.keys}, keys expired: ${loaded.expired}.${loaded.empty > 0 ? ` empty keys skipped: ${loaded.empty}.` : ''}`);
    if (isOldStyle) log.notice('Reading the remaining AOF tail...');
    return loaded.bytes;
  } catch (error) {
    if (!(error instanceof RdbFault)) throw error;
    log.warning(`Internal error in RDB reading offset ${error.offset}, function at rdb: ${error.message}`);
    log.warning(isOldStyle ? `Error reading the RDB preamble of the AOF file ${name}, AOF loading aborted` : `Error reading the RDB base file ${name}, AOF loading aborted`);
    return -1;
  }
}

function* replayCommands(source: AofSource, path: string, name: string, from: number, options: ReplayOptions): Pieces<ReplayResult> {
  const { server, progress, isLast } = options;
  const { clock, log, settings } = server;
  const loader = new AofLoader(source, new FileClient(server), from);
  let until = clock.monotonic() + SLICE_MS;
  for (;;) {
    const ended = loader.load(COMMANDS_PER_STEP);
    if (ended === 'more') {
      if (clock.monotonic() < until) continue;
      progress(loader.offset);
      yield;
      until = clock.monotonic() + SLICE_MS;
      continue;
    }
    progress(loader.offset);
    if (ended === 'done') {
      // A torn annotation says nothing, but what is written next must not become a part of it.
      if (isLast && loader.offset < source.size) truncateSync(path, loader.offset);
      return 'loaded';
    }
    if (ended.kind === 'short' && !isLast) {
      // It stays as it is: cut off here, the next start would not see that something is missing between this file and the next one.
      log.warning(`The AOF ${name} ends within a command, at offset ${ended.offset}`);
      return 'truncated';
    }
    if (ended.kind === 'short' && ended.isTransaction) log.warning(`Revert incomplete MULTI/EXEC transaction in AOF file ${name}`);
    if (ended.kind === 'short' && settings.flag('aof-load-truncated')) {
      log.warning(`!!! Warning: short read while loading the AOF file ${name}!!!`);
      log.warning(`!!! Truncating the AOF ${name} at offset ${ended.offset} !!!`);
      try {
        truncateSync(path, ended.offset);
        log.warning(`AOF ${name} loaded anyway because aof-load-truncated is enabled`);
        return 'truncated';
      } catch (error) {
        log.warning(`Error truncating the AOF file ${name}: ${(error as Error).message}`);
      }
    }
    for (const line of aofFaultLines(ended, name)) log.warning(line);
    return 'failed';
  }
}

/** Runs commands of a file: as Redis does it, without asking who and whether. */
class FileClient {
  private readonly session = new FileSession(0);
  private readonly reply = new Reply();
  private readonly server: StoreServer;

  constructor(server: StoreServer) {
    this.server = server;
  }

  run(args: Args): boolean {
    const { dispatcher } = this.server;
    const { table, unit } = dispatcher;
    let command: Command | undefined = table.find(args.buf, args.off[0]!, args.len[0]!);
    if (command === undefined) return false;
    if (command.subcommands !== null && args.count > 1) {
      const found = dispatcher.resolve(command, args);
      if (typeof found === 'string') return !found.startsWith('ERR unknown');
      command = found;
    }
    // Too few arguments: a command must not look for what is not there.
    if (command.arity > 0 ? args.count !== command.arity : args.count < -command.arity) return true;
    const { session, args: outerArgs, reply, command: outer, mayBlock } = unit;
    unit.session = this.session;
    unit.args = args;
    unit.reply = this.reply;
    unit.command = command;
    unit.mayBlock = false;
    try {
      command.run(unit);
    } finally {
      unit.session = session;
      unit.args = outerArgs;
      unit.reply = reply;
      unit.command = outer;
      unit.mayBlock = mayBlock;
      this.reply.pos = 0;
      this.reply.errors = this.reply.errorsAgain = 0;
    }
    return true;
  }
}
