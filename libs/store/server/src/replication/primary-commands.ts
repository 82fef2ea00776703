/** What replicas ask of their primary, and clients about replicas: PSYNC, SYNC, REPLCONF, WAIT, ROLE. On the thread of the connection. */
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { RdbEncoder, RdbFrames } from '@larder/store-persistence';
import {
  CAPA_EOF,
  CAPA_PSYNC2,
  FUNCTIONS_ONLY,
  ONLINE,
  PLAIN_SYNC,
  RDB_ONLY,
  SYNC_FULL,
  SYNC_PARTIAL_ERR,
  SYNC_PARTIAL_OK,
} from '@larder/store-replication';
import { COMPATIBLE_REDIS_VERSION, splitArguments } from '@larder/store-settings';
import { Connection } from '../connection';
import { AofReplies } from '../persistence/aof-replies';
import { isBehind } from '../persistence/aof-writer';
import type { StoreServer } from '../store-server';
import { Link } from './link';

const NOT_AN_INTEGER_IN_RANGE = 'ERR value is out of range, value must between 0 and 1';
const HOST_BYTES_MAX = 256;
const CAPABILITIES: Readonly<Record<string, number>> = { eof: CAPA_EOF, psync2: CAPA_PSYNC2 };

export function primaryCommands(server: StoreServer): readonly CommandRow[] {
  /** The libraries of functions alone, as a file. */
  function functionsFile(): Buffer {
    const parts: Buffer[] = [];
    const encoder = new RdbEncoder({ compresses: server.settings.flag('rdbcompression'), checks: server.settings.flag('rdbchecksum') });
    const frames = new RdbFrames([], (chunk, length) => parts.push(Buffer.from(encoder.encode(chunk, length))));
    frames.header([['redis-ver', COMPATIBLE_REDIS_VERSION], ['redis-bits', '64'], ['ctime', String(Math.floor(server.clock.now() / 1000))], ['used-mem', String(server.arena.used)], ['aof-base', '0']], server.functions.libraries());
    frames.end();
    return Buffer.concat([...parts, encoder.trailer()]);
  }

  function sync(unit: Unit, isPsync: boolean): void {
    const { reply, args } = unit;
    const connection = unit.session;
    if (!(connection instanceof Connection) || connection.link !== null) return;
    const { replication, log } = server;
    const { state, backlog, links } = replication.shared;
    if (isPsync && args.count > 3 && args.is(3, 'failover')) {
      if (!state.isReplica) return reply.error("ERR PSYNC FAILOVER can't be sent to a master.");
      if (args.text(1).toLowerCase() !== state.id) return reply.error('ERR PSYNC FAILOVER replid must match my replid.');
      if (server.crew === null || server.crew.isHome) server.replica!.promote();
      else server.crew.takeOver();
      log.notice(`Failover request received for replid ${args.text(1)}`);
    }
    if (state.isReplica && !state.isFollowing) return reply.error("NOMASTERLINK Can't SYNC while not connected with my master");
    if (reply.pos > 0 || connection.outputBytes > 0) return reply.error('ERR SYNC and PSYNC are invalid with pending output');
    if ((connection.capabilities & FUNCTIONS_ONLY) !== 0 && (connection.capabilities & CAPA_EOF) === 0) return reply.error('ERR Filtered replica requires EOF capability');
    const name = connection.replicaPort === 0 ? `client id #${connection.id}` : `${connection.replicaHost}:${connection.replicaPort}`;
    log.notice(`Replica ${name} asks for synchronization`);
    let offset = NaN;
    let goesOn = false;
    if (isPsync) {
      offset = unit.integerArg(2);
      if (offset !== offset) return;
      const id = args.text(1);
      const decision = state.decidePsync(id, offset, { isActive: backlog.isActive, first: backlog.first + 1, end: backlog.end }, name);
      goesOn = decision.kind === 'continue';
      if (decision.kind === 'full') {
        for (const line of decision.log) log.notice(line);
        if (!id.startsWith('?')) links.countUp(SYNC_PARTIAL_ERR);
      }
    }
    // Who was cut off comes back and catches up: a handover that waits for it might never end otherwise.
    if (!goesOn && replication.isFailingOver) return reply.error("NOMASTERLINK Can't SYNC while failing over");
    if (!goesOn && state.isWithholding && (connection.capabilities & RDB_ONLY) === 0) {
      return reply.error("NOMASTERLINK This server has started without data although it had replicas. They keep theirs until 'repl-refuse-empty-full-sync' is 'no'.");
    }
    const slot = links.claim();
    if (slot === undefined) return reply.error('ERR max number of replicas reached');
    slot.capabilities = connection.capabilities | (isPsync ? 0 : PLAIN_SYNC);
    slot.port = connection.replicaPort;
    slot.address = connection.replicaHost;
    const link = new Link(replication, connection, slot);
    connection.link = link;
    replication.links.add(link);
    connection.socket.setNoDelay(!server.settings.flag('repl-disable-tcp-nodelay'));
    if (goesOn) {
      links.countUp(SYNC_PARTIAL_OK);
      backlog.needs(offset - 1);
      connection.sendRaw(Buffer.from((connection.capabilities & CAPA_PSYNC2) !== 0 ? `+CONTINUE ${state.id}\r\n` : '+CONTINUE\r\n', 'latin1'));
      link.resume(offset - 1);
      log.notice(`Partial resynchronization request from ${name} accepted. Sending ${backlog.end - offset + 1} bytes of backlog starting from offset ${offset}.`);
      return replication.moved();
    }
    links.countUp(SYNC_FULL);
    replication.ensureBacklog();
    if ((connection.capabilities & FUNCTIONS_ONLY) === 0) return replication.wantSnapshot();
    backlog.needs(backlog.end);
    backlog.database = -1;
    link.sendWhole(functionsFile(), (connection.capabilities & CAPA_EOF) !== 0);
  }

  /** What a replica says of itself before it asks for data, and how far it is afterwards. */
  function replconf(unit: Unit): void {
    const { args, reply, session } = unit;
    if (args.count % 2 === 0) return unit.syntaxError();
    const connection = session instanceof Connection ? session : undefined;
    const setBit = (bit: number, isSet: boolean) => {
      if (connection === undefined) return;
      if (isSet) connection.capabilities |= bit;
      else connection.capabilities &= ~bit;
    };
    for (let i = 1; i < args.count; i += 2) {
      if (args.is(i, 'listening-port')) {
        const port = unit.integerArg(i + 1);
        if (port !== port) return;
        if (connection !== undefined) connection.replicaPort = port;
      } else if (args.is(i, 'ip-address')) {
        if (args.len[i + 1]! >= HOST_BYTES_MAX) return reply.error(`ERR REPLCONF ip-address provided by replica instance is too long: ${args.len[i + 1]!} bytes`);
        if (connection !== undefined) connection.announcedHost = args.text(i + 1);
      } else if (args.is(i, 'capa')) setBit(CAPABILITIES[args.text(i + 1).toLowerCase()] ?? 0, true);
      else if (args.is(i, 'ack')) {
        // Unanswered, whoever sends it.
        const { link } = connection ?? { link: null };
        const offset = Number(args.text(i + 1));
        const safe = args.count > i + 3 && args.is(i + 2, 'fack') ? Number(args.text(i + 3)) : -1;
        if (link !== null && Number.isInteger(offset)) link.acknowledge(offset, Number.isInteger(safe) ? safe : -1);
        return;
      } else if (args.is(i, 'getack')) return;
      else if (args.is(i, 'rdb-only')) {
        const wanted = unit.integerArg(i + 1);
        if (wanted !== wanted) return;
        if (wanted < 0 || wanted > 1) return reply.error(NOT_AN_INTEGER_IN_RANGE);
        setBit(RDB_ONLY, wanted === 1);
      } else if (args.is(i, 'rdb-filter-only')) {
        const filters = splitArguments(args.text(i + 1));
        if (filters === undefined) return reply.error('ERR Missing rdb-filter-only values');
        const unknown = filters.find((filter) => filter.toLowerCase() !== 'functions');
        if (unknown !== undefined) return reply.error(`ERR Unsupported rdb-filter-only option: ${unknown}`);
        // An empty filter asks for neither keys nor functions; what we send then has functions at most.
        setBit(FUNCTIONS_ONLY, true);
      } else return reply.error(`ERR Unrecognized REPLCONF option: ${args.text(i).split('\0', 1)[0]!}`);
    }
    reply.ok();
  }

  function wait(unit: Unit): void {
    const { replication } = server;
    const { state, links } = replication.shared;
    if (state.isReplica) {
      return unit.reply.error(
        'ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if a replica is configured to be writable (which is not the default) writes to replicas are just local and are not propagated.',
      );
    }
    const replicas = unit.integerArg(1);
    if (replicas !== replicas) return;
    const timeoutMs = unit.integerArg(2, 'ERR timeout is not an integer or out of range');
    if (timeoutMs !== timeoutMs) return;
    if (timeoutMs < 0) return unit.reply.error('ERR timeout is negative');
    const upTo = replication.writtenTo(unit.session);
    const acknowledged = links.countAcknowledged(upTo);
    if (acknowledged >= replicas || !unit.mayBlock) return unit.reply.integer(acknowledged);
    unit.block([], timeoutMs, (reply) => reply.integer(links.countAcknowledged(upTo)));
    replication.wait(unit.session, () => links.countAcknowledged(upTo) >= replicas);
  }

  /** As Redis 7.2: the client's writes are on the disk of this server, and of so many replicas. */
  function waitaof(unit: Unit): void {
    const { replication, settings } = server;
    const { state, links } = replication.shared;
    const local = unit.integerArg(1);
    if (local !== local) return;
    if (local < 0 || local > 1) return unit.reply.error(NOT_AN_INTEGER_IN_RANGE);
    const replicas = unit.integerArg(2);
    if (replicas !== replicas) return;
    if (replicas < 0) return unit.reply.error('ERR value is out of range, must be positive');
    const timeoutMs = unit.integerArg(3, 'ERR timeout is not an integer or out of range');
    if (timeoutMs !== timeoutMs) return;
    if (timeoutMs < 0) return unit.reply.error('ERR timeout is negative');
    if (state.isReplica) return unit.reply.error('ERR WAITAOF cannot be used with replica instances. Please also note that writes to replicas are just local and are not propagated.');
    if (local === 1 && !settings.flag('appendonly')) return unit.reply.error('ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.');
    const upTo = replication.writtenTo(unit.session);
    const journalled = replication.journalledTo(unit.session);
    const isSafeHere = () => settings.flag('appendonly') && server.replyGate instanceof AofReplies && !isBehind(journalled, server.replyGate.safe);
    const answer = (reply: Unit['reply']) => {
      reply.array(2);
      reply.integer(isSafeHere() ? 1 : 0);
      reply.integer(links.countSafe(upTo));
    };
    const isDone = () => (local === 0 || isSafeHere()) && links.countSafe(upTo) >= replicas;
    if (isDone() || !unit.mayBlock) return answer(unit.reply);
    unit.block([], timeoutMs, answer);
    replication.wait(unit.session, isDone);
  }

  function role(unit: Unit): void {
    const { reply } = unit;
    const { upstream, shared } = server.replication;
    if (upstream !== null) return upstream.writeRole(reply);
    const online = shared.links.slots.filter((slot) => slot.state === ONLINE);
    reply.array(3);
    reply.bulkText('master');
    reply.integer(shared.backlog.end);
    reply.array(online.length);
    for (const slot of online) {
      reply.array(3);
      reply.bulkText(slot.address);
      reply.bulkText(String(slot.port));
      reply.bulkText(String(Math.max(0, slot.acknowledged)));
    }
  }

  return [
    { name: 'psync', needs: 'exclusive', run: (unit) => sync(unit, true) },
    { name: 'sync', needs: 'exclusive', run: (unit) => sync(unit, false) },
    { name: 'replconf', needs: 'none', run: replconf },
    { name: 'wait', needs: 'none', run: wait },
    { name: 'waitaof', needs: 'none', run: waitaof, facts: '4~noscript~0 0 0~@slow @connection~request_policy:all_shards,response_policy:agg_min~' },
    { name: 'role', needs: 'none', run: role },
  ];
}
