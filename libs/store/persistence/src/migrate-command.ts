/**
 * MIGRATE: keys go to another server as RESTORE commands and leave this one as each arrives.
 *
 * As in Redis nobody is served meanwhile, so that a key is on one of the two at any moment and no write to it is lost: the command
 * is exclusive, and the port that carries the bytes (KeySender) returns when all is answered, failed, or out of time. It works
 * the same within transactions and scripts.
 */
import type { CommandRow, Unit } from '@larder/store-dispatch';
import type { ValueCodec } from '@larder/store-keyspace';
import { NOTIFY_GENERIC } from '@larder/store-keyspace';
import { dumpPayload } from './dump-payload';

/** What is to be sent: to whom, as whom, into which database; one RESTORE for each key. */
export interface Shipment {
  readonly host: string;
  readonly port: string;
  /** For each step: connecting, writing, each reply. */
  readonly timeoutMs: number;
  readonly database: number;
  /** Password, or name and password. */
  readonly credentials: readonly Buffer[];
  readonly commands: readonly Buffer[];
}

export interface Delivery {
  /** What stopped it, if anything did; until then replies may have come. */
  readonly failure?: 'connecting' | 'writing' | 'reading';
  /** Lines without their ends: of AUTH and SELECT where they were sent, and of each RESTORE. */
  readonly auth?: string;
  readonly select?: string;
  readonly restored: readonly string[];
}

export interface KeySender {
  send(shipment: Shipment): Delivery;
}

const DEFAULT_TIMEOUT_MS = 1_000;

interface MigrateOptions {
  copies: boolean;
  replaces: boolean;
  credentials: Buffer[];
  firstKey: number;
  lastKey: number;
}

/** Undefined after answering an error. */
function migrateOptions(unit: Unit): MigrateOptions | undefined {
  const { args, reply } = unit;
  const options: MigrateOptions = { copies: false, replaces: false, credentials: [], firstKey: 3, lastKey: 3 };
  for (let i = 6; i < args.count; i++) {
    if (args.is(i, 'copy')) options.copies = true;
    else if (args.is(i, 'replace')) options.replaces = true;
    else if (args.is(i, 'auth') && i + 1 < args.count) options.credentials = [args.copy(++i)];
    else if (args.is(i, 'auth2') && i + 2 < args.count) options.credentials = [args.copy(++i), args.copy(++i)];
    else if (args.is(i, 'keys')) {
      if (args.len[3]! > 0) return void reply.error('ERR When using MIGRATE KEYS option, the key argument must be set to the empty string');
      options.firstKey = i + 1;
      options.lastKey = args.count - 1;
      break;
    } else return void unit.syntaxError();
  }
  return options;
}

export function migrateCommand(codecs: readonly ValueCodec[], sender: KeySender, compresses: () => boolean = () => true): CommandRow {
  /** The RESTORE of argument `i`; undefined when there is no such key. */
  function restoreOf(unit: Unit, i: number, replaces: boolean): Buffer | undefined {
    const { keyspace, view, now } = unit;
    if (unit.lookupRead(i) === 0) return undefined;
    const { expireAt } = view;
    const ttl = expireAt < 0 ? 0 : Math.max(1, expireAt - now);
    const payload = dumpPayload(keyspace.view, codecs, compresses());
    return respCommand(['RESTORE', unit.args.copy(i), String(ttl), payload, ...(replaces ? ['REPLACE'] : [])]);
  }

  function migrate(unit: Unit): void {
    const { args, reply, keyspace } = unit;
    const options = migrateOptions(unit);
    if (options === undefined) return;
    const timeoutMs = unit.integerArg(5);
    if (timeoutMs !== timeoutMs) return;
    const database = unit.integerArg(4);
    if (database !== database) return;
    const keys: number[] = [];
    const commands: Buffer[] = [];
    for (let i = options.firstKey; i <= options.lastKey; i++) {
      const command = restoreOf(unit, i, options.replaces);
      if (command === undefined) continue;
      keys.push(i);
      commands.push(command);
    }
    if (keys.length === 0) return reply.simple('NOKEY');
    const delivery = sender.send({
      host: args.text(1),
      port: args.text(2),
      timeoutMs: timeoutMs <= 0 ? DEFAULT_TIMEOUT_MS : timeoutMs,
      database,
      credentials: options.credentials,
      commands,
    });
    const { failure, auth, select, restored } = delivery;
    if (failure === 'connecting') return reply.error('IOERR error or timeout connecting to the client');
    const refusedFirst = [auth, select].find((line) => line?.startsWith('-'));
    let refusal: string | undefined;
    const gone: Buffer[] = [];
    for (let k = 0; k < restored.length; k++) {
      const refused = refusedFirst ?? (restored[k]!.startsWith('-') ? restored[k]! : undefined);
      if (refused !== undefined) refusal ??= refused;
      else if (!options.copies && unit.lookupWrite(keys[k]!) !== 0) {
        keyspace.remove();
        keyspace.changed(NOTIFY_GENERIC, 'del');
        gone.push(args.copy(keys[k]!));
      }
    }
    if (gone.length > 0) unit.journalAs('DEL', ...gone);
    if (refusal !== undefined) reply.error(`ERR Target instance replied with error: ${refusal.slice(1)}`);
    else if (failure !== undefined) reply.error(`IOERR error or timeout ${failure} to target instance`);
    else reply.ok();
  }

  return { name: 'migrate', needs: 'exclusive', run: migrate };
}

/** The bytes of a command. */
export function respCommand(words: readonly (string | Buffer)[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${words.length}\r\n`)];
  for (const word of words) {
    const bytes = typeof word === 'string' ? Buffer.from(word, 'latin1') : word;
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'));
  }
  return Buffer.concat(parts);
}
