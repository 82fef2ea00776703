/**
 * DEBUG: what test harnesses and support look into a store with. Behind `enable-debug-command`, as in Redis 7.
 *
 * One row per subcommand: how many arguments it takes (the two words DEBUG SUBCOMMAND included) and what it does. It all runs
 * with every other thread stopped: these commands look everywhere. Where Redis has a switch for a part that is not built,
 * the answer is an error that says so, rather than an OK that means nothing.
 *
 * Looking at a key here does not expire it: DEBUG shows what lies in memory.
 */
import { randomBytes } from 'node:crypto';
import { ZSET_TREE, listOfRecord, replyHelp } from '@larder/store-commands';
import { TYPE_HASH, TYPE_LIST, TYPE_SET, TYPE_STRING, TYPE_ZSET, copyBytes, elementTableOf, globMatches, listLimits, listpack, parseDoubleLoosely } from '@larder/store-datatypes';
import type { CommandRow, Unit } from '@larder/store-dispatch';
import type { ValueCodec } from '@larder/store-keyspace';
import { RdbEncoder, RdbFrames } from '@larder/store-persistence';
import { Args } from '@larder/store-resp';
import { parseMemory } from '@larder/store-settings';
import { datasetDigest, valueDigest } from '../dataset-digest';
import type { AofPersistence } from '../persistence/aof-persistence';
import type { RdbPersistence } from '../persistence/rdb-persistence';
import { newReplicationId } from '../replication/replication';
import type { StoreServer } from '../store-server';
import { rewriteConfigFile } from './config-commands';

const NOT_ALLOWED =
  'ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.';
const NO_SUCH_KEY = 'ERR no such key';
const NOT_POSITIVE = 'ERR value is out of range, must be positive';
const NO_DIGEST = '0'.repeat(40);
/** What one key or value of POPULATE holds before it is cut, with its NUL. */
const POPULATE_TEXT_MAX = 127;
const PACKED_THRESHOLD_MAX = 2n ** 32n - 2n ** 20n;

const HELP = [
  'AOF-FLUSH-SLEEP <microseconds>',
  '    Wait so long before each write to the AOF file.',
  'CHANGE-REPL-ID',
  '    Take a new replication id.',
  'CLIENT-EVICTION',
  '    Sizes of clients by maxmemory-clients.',
  'CLUSTERLINK KILL <to|from|all> <node-id>',
  '    Close links of the cluster bus.',
  'CONFIG-REWRITE-FORCE-ALL',
  '    Like CONFIG REWRITE, but every setting is written, defaults too.',
  'CRASH-AND-RECOVER, RESTART [<milliseconds>]',
  '    Refused: a supervisor starts the server again.',
  'DIGEST',
  '    Hex digest of all data: equal for equal data, on Redis too.',
  'DIGEST-VALUE <key> [<key> ...]',
  '    Hex digest of the value of each key.',
  'DROP-CLUSTER-PACKET-FILTER <packet-type>',
  '    Ignore packets of this type on the cluster bus.',
  'ERROR <string>',
  '    Answer <string> as an error.',
  'HTSTATS <dbid>',
  '    Sizes of the hash tables of a database.',
  'HTSTATS-KEY <key>',
  '    Sizes of the hash table of the value at <key>.',
  'LEAK <string>',
  '    Accepted: memory is collected here.',
  'LISTPACK <key>',
  '    Log the entries of the listpack at <key>.',
  'LOADAOF',
  '    Write what waits for the AOF file, empty the server, load the file.',
  'LOG <message>',
  '    Write <message> to the log.',
  'OBJECT <key>',
  '    How the value at <key> is kept.',
  'PANIC, ASSERT, OOM, SEGFAULT',
  '    Crash the server.',
  'PAUSE-CRON <0|1>',
  '    Stop periodic work, or go on with it.',
  'POPULATE <count> [<prefix>] [<size>]',
  '    Make <count> strings named <prefix>:<number> (key:<number> by default).',
  'PROTOCOL <type>',
  '    Answer a value of a type: string, integer, double, bignum, null, array,',
  '    set, map, attrib, push, verbatim, true, false.',
  'QUICKLIST <key> [<0|1>]',
  '    Log the nodes of the list at <key>.',
  'QUICKLIST-PACKED-THRESHOLD <size>',
  '    Accepted: elements of any size are packed here.',
  'RELOAD [NOSAVE] [NOFLUSH] [MERGE]',
  '    Save an RDB file, empty the server, load the file. NOSAVE loads the file',
  '    there is, NOFLUSH keeps the data, MERGE lets keys of the file win.',
  'REPLICATE <command> [<argument> ...]',
  '    Send a command to the replicas as it is, without running it here.',
  'REPLYBUFFER PEAK-RESET-TIME <never|reset|milliseconds>, RESIZING <0|1>',
  '    Accepted: reply buffers are shared here.',
  'SDSLEN <key>',
  '    Lengths of a key and of its string.',
  'SET-ACTIVE-EXPIRE <0|1>',
  '    Whether keys expire without being looked at.',
  'SET-DISABLE-DENY-SCRIPTS <0|1>',
  '    Whether scripts may call the commands that are not for scripts.',
  'SET-SKIP-CHECKSUM-VALIDATION <0|1>',
  '    Whether RESTORE takes payloads with a wrong checksum.',
  'SLEEP <seconds>',
  '    Stop the server for so long. Decimals allowed.',
  'STRINGMATCH-TEST',
  '    Try the glob matcher with random patterns.',
  'STRUCTSIZE',
  '    Sizes of structures, as Redis has them.',
];

interface DebugRow {
  /** Fewest and most arguments. */
  readonly counts: readonly [number, number];
  readonly run: (unit: Unit) => void;
}

export function debugCommands(server: StoreServer, codecs: readonly ValueCodec[]): readonly CommandRow[] {
  /** Points the view at the key of argument `i` though its time may be over; 0 when there is none. */
  function find(unit: Unit, i: number): number {
    const { args, keyspace } = unit;
    const expires = keyspace.expires;
    keyspace.expires = false;
    try {
      return keyspace.lookup(unit.database, args.buf, args.off[i]!, args.len[i]!);
    } finally {
      keyspace.expires = expires;
    }
  }

  function digestValue(unit: Unit): void {
    const { args, reply, keyspace } = unit;
    reply.array(args.count - 2);
    for (let i = 2; i < args.count; i++) reply.simple(find(unit, i) === 0 ? NO_DIGEST : valueDigest(keyspace, unit.view));
  }

  /** Bytes of the value as an RDB file would hold it. */
  function savedBytes(unit: Unit): number {
    const encoder = new RdbEncoder({ compresses: server.settings.flag('rdbcompression'), checks: false });
    let bytes = 0;
    const frames = new RdbFrames(codecs, (chunk, length) => (bytes += encoder.encode(chunk, length).length));
    frames.object(unit.view);
    frames.flush();
    return bytes - 1; // the type
  }

  function object(unit: Unit): void {
    const { reply, view, keyspace } = unit;
    const found = find(unit, 2);
    if (found === 0) return reply.error(NO_SUCH_KEY);
    const accessed = view.word0 >>> 8;
    let extra = '';
    if (view.type === TYPE_LIST) {
      const list = listOfRecord(view);
      const { nodes, length } = list;
      let bytes = 0;
      list.eachNode((_u8, _off, size) => (bytes += size));
      extra = ` ql_nodes:${nodes} ql_avg_node:${(length / nodes).toFixed(2)} ql_listpack_max:${listLimits.maxListpackSize} ql_compressed:0 ql_uncompressed_size:${bytes}`;
    }
    const idle = (keyspace.accessClock - accessed) & 0xffffff;
    reply.simple(
      `Value at:0x${(found >>> 0).toString(16)} refcount:1 encoding:${server.encodingName(view)} serializedlength:${savedBytes(unit)} lru:${accessed} lru_seconds_idle:${idle}${extra}`,
    );
  }

  function sdslen(unit: Unit): void {
    const { reply, view } = unit;
    const found = find(unit, 2);
    if (found === 0) return reply.error(NO_SUCH_KEY);
    if (view.type !== TYPE_STRING || server.encodingName(view) === 'int') return reply.error('ERR Not an sds encoded string.');
    const { keyLength, valueLength } = view;
    const spare = server.arena.capacity(found) - (view.valueOffset - view.base) - valueLength;
    reply.simple(`key_sds_len:${keyLength}, key_sds_avail:0, key_zmalloc: ${keyLength}, val_sds_len:${valueLength}, val_sds_avail:${spare}, val_zmalloc: ${valueLength + spare}`);
  }

  function nodesToLog(unit: Unit, type: number, words: string): void {
    const { reply, view } = unit;
    const wanted = type === TYPE_LIST ? 'quicklist' : 'listpack';
    if (find(unit, 2) === 0) return reply.error(NO_SUCH_KEY);
    if (server.encodingName(view) !== wanted) return reply.error(`ERR Not a ${wanted} encoded object.`);
    if (type === TYPE_LIST) listOfRecord(view).eachNode((u8, off, size) => server.log.notice(`DEBUG node: ${listpack.count(u8, off)} entries, ${size} bytes`));
    else server.log.notice(`DEBUG listpack: ${unit.keyspace.kinds[view.type]!.elements(view)} elements`);
    reply.simple(words);
  }

  function populate(unit: Unit): void {
    const { args, reply, keyspace, view } = unit;
    const numbers: number[] = [];
    for (const i of args.count === 5 ? [2, 4] : [2]) {
      const n = unit.integerArg(i, NOT_POSITIVE);
      if (n !== n) return;
      if (n < 0) return reply.error(NOT_POSITIVE);
      numbers.push(n);
    }
    const [count, size = 0] = numbers as [number, number?];
    const prefix = args.count === 3 ? 'key' : args.text(3).split('\0')[0]!;
    for (let i = 0; i < count; i++) {
      const key = Buffer.from(`${prefix}:${i}`.slice(0, POPULATE_TEXT_MAX), 'latin1');
      if (keyspace.lookupWrite(unit.database, key, 0, key.length) !== 0) continue;
      const text = Buffer.from(`value:${i}`, 'latin1');
      const length = size === 0 ? text.length : size;
      keyspace.create(TYPE_STRING, 0, 0, length);
      view.u8.fill(0, view.valueOffset, view.valueOffset + length);
      copyBytes(text, 0, view.u8, view.valueOffset, Math.min(length, text.length));
      keyspace.changed(0, 'populate');
    }
    reply.ok();
  }

  function reload(unit: Unit): void {
    const { args, reply, keyspace } = unit;
    let saves = true;
    let flushes = true;
    let merges = false;
    for (let i = 2; i < args.count; i++) {
      if (args.is(i, 'merge')) merges = true;
      else if (args.is(i, 'noflush')) flushes = false;
      else if (args.is(i, 'nosave')) saves = false;
      else return reply.error('ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.');
    }
    const persistence = server.persistence as RdbPersistence;
    if (saves && persistence.save() !== undefined) return reply.error('ERR');
    if (flushes) for (let database = 0; database < keyspace.databases; database++) keyspace.flush(database);
    try {
      if (!persistence.load({ replaces: merges })) return reply.error('ERR Error trying to load the RDB dump');
    } catch (error) {
      // Half of a file is in memory: as in Redis, nothing may be built on that.
      server.log.warning(`Fatal error loading the DB: ${(error as Error).message}. Exiting.`);
      server.exit(1);
      return reply.error('ERR Error trying to load the RDB dump');
    }
    server.log.warning('DB reloaded by DEBUG RELOAD');
    reply.ok();
  }

  function loadAof({ reply }: Unit): void {
    if (!(server.persistence as AofPersistence).reload()) {
      server.log.warning('Fatal error loading the AOF. Exiting.');
      return server.exit(1);
    }
    server.log.warning('Append Only File loaded by DEBUG LOADAOF');
    reply.ok();
  }

  function sleep(unit: Unit): void {
    const { args } = unit;
    const seconds = parseDoubleLoosely(args.buf, args.off[2]!, args.len[2]!) || 0;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1000);
    unit.reply.ok();
  }

  function replicate({ args, database }: Unit): void {
    const words = new Args(args.count);
    words.buf = args.buf;
    for (let i = 2; i < args.count; i++) words.push(args.off[i]!, args.len[i]!);
    server.journal.appendForReplicas(database, words);
  }

  function packedThreshold(unit: Unit): void {
    const size = parseMemory(unit.args.text(2));
    if (size === undefined || size > PACKED_THRESHOLD_MAX) return unit.reply.error('ERR argument must be a memory value bigger than 1 and smaller than 4gb');
    unit.reply.ok();
  }

  function tableStatistics(title: string, slots: number, elements: number): string {
    if (elements === 0) return `${title}No stats available for empty dictionaries\n`;
    return `${title}Hash table 0 stats (main hash table):\n table size: ${slots}\n number of elements: ${elements}\n`;
  }

  function htstats(unit: Unit): void {
    const { reply, keyspace } = unit;
    const database = unit.integerArg(2);
    if (database !== database) return;
    if (database < 0 || database >= keyspace.databases) return reply.error('ERR Out of range database');
    const { table } = keyspace;
    let [slots, expireSlots] = [0, 0];
    for (let shard = 0; shard < keyspace.shards; shard++) {
      slots += table.capacity(keyspace.keysRoot(shard, database));
      expireSlots += table.capacity(keyspace.expiresRoot(shard, database));
    }
    reply.verbatim(
      tableStatistics('[Dictionary HT]\n', slots, keyspace.size(database)) + tableStatistics('[Expires HT]\n', expireSlots, keyspace.expiresSize(database)),
    );
  }

  function htstatsKey(unit: Unit): void {
    const { reply, view } = unit;
    if (find(unit, 2) === 0) return reply.error(NO_SUCH_KEY);
    const encoding = server.encodingName(view);
    const hasTable = view.type === TYPE_ZSET ? view.encoding === ZSET_TREE : (view.type === TYPE_HASH || view.type === TYPE_SET) && encoding === 'hashtable';
    if (!hasTable) return reply.error('ERR The value stored at the specified key is not represented using an hash table');
    const { table } = elementTableOf(view.arena);
    reply.verbatim(tableStatistics('', table.capacity(view.body), table.count(view.body)));
  }

  /** Whatever it is told, it must come back soon. */
  function stringmatchTest(unit: Unit): void {
    const alphabet = Buffer.from('a*?[]^-\\b');
    for (let i = 0; i < 10_000; i++) {
      const dice = randomBytes(48);
      const [pattern, text] = [dice.subarray(1, 1 + (dice[0]! % 16)), dice.subarray(17, 17 + (dice[16]! % 31))].map((part) => Buffer.from(part.map((byte) => alphabet[byte % alphabet.length]!)));
      globMatches(pattern!, 0, pattern!.length, text!, 0, text!.length, i % 2 === 0);
    }
    unit.reply.simple('Apparently Redis did not crash: test passed');
  }

  function replybuffer(unit: Unit): void {
    const { args } = unit;
    if (args.is(2, 'peak-reset-time')) {
      if (!args.is(3, 'never') && !args.is(3, 'reset') && Number.isNaN(unit.integerArg(3))) return;
    } else if (!args.is(2, 'resizing')) return unit.subcommandError();
    unit.reply.ok();
  }

  function crash(words: string): DebugRow {
    const run = () => {
      server.log.warning(`=== LARDER BUG REPORT: ${words}`);
      process.abort();
    };
    return { counts: [2, Infinity], run };
  }

  const ok = (counts: readonly [number, number], act: (unit: Unit) => void = () => undefined): DebugRow => ({
    counts,
    run: (unit) => {
      act(unit);
      unit.reply.ok();
    },
  });
  const restart: DebugRow = { counts: [2, Infinity], run: (unit) => unit.reply.error('ERR failed to restart the server. Check server logs.') };
  /** As C's atoi. */
  const isOn = (unit: Unit) => /^\s*[+-]?0*[1-9]/.test(unit.args.text(2));

  /** What `debug-journal` kept: triples of unit, database, command as in an append-only file. */
  function journal(unit: Unit): void {
    const { reply } = unit;
    const { keptJournal } = server;
    if (keptJournal === null) return reply.error('ERR start the server with debug-journal yes');
    keptJournal.read();
    reply.array(keptJournal.commands.length * 3);
    for (const { database, bytes, unit: number } of keptJournal.commands) {
      reply.integer(number);
      reply.integer(database);
      reply.bulk(bytes, 0, bytes.length);
    }
  }

  const rows: Record<string, DebugRow> = {
    help: { counts: [2, 2], run: (unit) => replyHelp(unit, HELP) },
    segfault: { counts: [2, Infinity], run: () => void process.kill(process.pid, 'SIGSEGV') },
    panic: crash(`DEBUG PANIC called at Unix time ${Math.floor(server.startedAt / 1000)}`),
    assert: crash('DEBUG ASSERT'),
    oom: crash('DEBUG OOM'),
    restart,
    'crash-and-recover': restart,
    log: ok([3, 3], (unit) => server.log.warning(`DEBUG LOG: ${unit.args.text(2)}`)),
    leak: ok([3, 3]),
    reload: { counts: [2, Infinity], run: reload },
    loadaof: { counts: [2, 2], run: loadAof },
    'aof-flush-sleep': ok([3, 3], (unit) => (server.persistence as AofPersistence).sleepBeforeWrites(Number(unit.args.text(2)) || 0)),
    object: { counts: [3, 3], run: object },
    sdslen: { counts: [3, 3], run: sdslen },
    listpack: { counts: [3, 3], run: (unit) => nodesToLog(unit, TYPE_HASH, 'Listpack structure printed on stdout') },
    quicklist: { counts: [3, 4], run: (unit) => nodesToLog(unit, TYPE_LIST, 'Quicklist structure printed on stdout') },
    populate: { counts: [3, 5], run: populate },
    digest: { counts: [2, 2], run: (unit) => unit.reply.simple(datasetDigest(unit.keyspace)) },
    'digest-value': { counts: [2, Infinity], run: digestValue },
    protocol: { counts: [3, 3], run: protocol },
    sleep: { counts: [3, 3], run: sleep },
    journal: { counts: [2, 2], run: journal },
    'thread-panic': {
      counts: [3, 3],
      run: (unit) => {
        const thread = unit.integerArg(2);
        if (thread !== thread) return;
        if (server.crew === null || thread < 1 || thread >= server.threadCount) return unit.reply.error('ERR there is no such thread beside the first');
        server.crew.panic(thread);
        unit.reply.ok();
      },
    },
    'set-active-expire': ok([3, 3], (unit) => (server.cron.expires = isOn(unit))),
    'set-skip-checksum-validation': ok([3, 3], (unit) => (server.debug.skipsChecksums = isOn(unit))),
    'set-disable-deny-scripts': ok([3, 3], (unit) => (server.debug.allowsDenied = isOn(unit))),
    replicate: ok([3, Infinity], replicate),
    'config-rewrite-force-all': {
      counts: [2, 2],
      run: (unit) => {
        const refused = rewriteConfigFile(server, true);
        if (refused === undefined) unit.reply.ok();
        else unit.reply.error(`ERR CONFIG-REWRITE-FORCE-ALL failed: ${refused}`);
      },
    },
    'quicklist-packed-threshold': { counts: [3, 3], run: packedThreshold },
    error: { counts: [3, 3], run: (unit) => unit.reply.error(unit.args.text(2)) },
    structsize: { counts: [2, 2], run: (unit) => unit.reply.bulkText('bits:64 robj:16 dictentry:24 sdshdr5:1 sdshdr8:3 sdshdr16:5 sdshdr32:9 sdshdr64:17 ') },
    htstats: { counts: [3, 3], run: htstats },
    'htstats-key': { counts: [3, 3], run: htstatsKey },
    'change-repl-id': ok([2, 2], () => {
      server.log.warning('Changing replication IDs after receiving DEBUG change-repl-id');
      server.replication.shared.state.renew(newReplicationId());
    }),
    'stringmatch-test': { counts: [2, 2], run: stringmatchTest },
    'client-eviction': { counts: [2, 2], run: (unit) => unit.reply.error('ERR maxmemory-clients is disabled.') },
    'pause-cron': ok([3, 3], (unit) => (server.cron.isPaused = isOn(unit))),
    replybuffer: { counts: [4, 4], run: replybuffer },
    'drop-cluster-packet-filter': { counts: [3, 3], run: (unit) => Number.isNaN(unit.integerArg(2)) || unit.reply.ok() },
    clusterlink: {
      counts: [5, 5],
      run: (unit) => (unit.args.is(2, 'kill') ? unit.reply.error('ERR Debug option only available for cluster mode enabled setup!') : unit.subcommandError()),
    },
  };
  const byName = new Map(Object.entries(rows));

  function debug(unit: Unit): void {
    const { args } = unit;
    const allowed = server.settings.text('enable-debug-command');
    if (allowed === 'no' || (allowed === 'local' && !server.isLocal(unit.session))) return unit.reply.error(NOT_ALLOWED);
    const row = byName.get(args.text(1).toLowerCase());
    if (row === undefined || args.count < row.counts[0] || args.count > row.counts[1]) return unit.subcommandError();
    row.run(unit);
  }

  return [{ name: 'debug', needs: 'exclusive', run: debug }];
}

const ATTRIBUTE = Buffer.from('|1\r\n$14\r\nkey-popularity\r\n*2\r\n$7\r\nkey:123\r\n:90\r\n', 'latin1');

/** A reply of the type named, to try a client with. */
function protocol(unit: Unit): void {
  const { reply, session } = unit;
  const type = unit.args.text(2).toLowerCase();
  const isNew = session.protocol === 3;
  const three = (each: (i: number) => void) => [0, 1, 2].forEach(each);
  switch (type) {
    case 'string':
      return reply.bulkText('Hello World');
    case 'integer':
      return reply.integer(12345);
    case 'double':
      return reply.double('3.141');
    case 'bignum':
      return reply.bigNumber('1234567999999999999999999999999999999');
    case 'null':
      return reply.nullBulk();
    case 'array':
      reply.array(3);
      return three((i) => reply.integer(i));
    case 'set':
      reply.set(3);
      return three((i) => reply.integer(i));
    case 'map':
      reply.map(3);
      return three((i) => {
        reply.integer(i);
        reply.boolean(i === 1);
      });
    case 'attrib':
      if (isNew) reply.raw(ATTRIBUTE);
      return reply.bulkText('Some real reply following the attribute');
    case 'push':
      if (!isNew) return reply.error('ERR RESP2 is not supported by this command');
      reply.push(2);
      reply.bulkText('server-cpu-usage');
      reply.integer(42);
      return reply.bulkText('Some real reply following the push reply');
    case 'true':
    case 'false':
      return reply.boolean(type === 'true');
    case 'verbatim':
      return reply.verbatim('This is a verbatim\nstring');
    default:
      reply.error('ERR Wrong protocol type name. Please use one of the following: string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false');
  }
}
