/** SENTINEL and what else only a Sentinel answers in its own way: ROLE, PUBLISH. Every error text is redis-sentinel's. */
import type { CommandRow, Session, Unit } from '@larder/store-dispatch';
import { globMatches } from '@larder/store-datatypes';
import { isIpLiteral } from '../address';
import { answerDown } from '../election';
import { orderFailover } from '../failover';
import { receiveHello } from '../hello';
import type { Instance, Primary } from '../instance';
import { HELLO_CHANNEL } from '../monitor';
import { selectReplica } from '../selection';
import type { Sentinel } from '../sentinel';
import { configCommand } from './config-command';
import { instanceFields } from './instance-fields';
import { setCommand } from './set-command';
import { timingNames } from '../timings';

const NO_PRIMARY = 'ERR No such master with that name';
const ADMIN = 'admin~0 0 0~@admin @slow @dangerous~~';

const HELP = [
  'CKQUORUM <master-name>',
  '    Check if the current Sentinel configuration is able to reach the quorum',
  '    needed to failover a master and the majority needed to authorize the',
  '    failover.',
  'CONFIG SET <param> <value>',
  '    Set a global Sentinel configuration parameter.',
  'CONFIG GET <param>',
  '    Get global Sentinel configuration parameter.',
  'DEBUG [<param> <value> ...]',
  '    Show a list of configurable time parameters and their values (milliseconds).',
  '    Or update current configurable parameters values (one or more).',
  'GET-MASTER-ADDR-BY-NAME <master-name>',
  '    Return the ip and port number of the master with that name.',
  'FAILOVER <master-name>',
  '    Manually failover a master node without asking for agreement from other',
  '    Sentinels',
  'FLUSHCONFIG',
  '    Force Sentinel to rewrite its configuration on disk, including the current',
  '    Sentinel state.',
  'INFO-CACHE <master-name>',
  '    Return last cached INFO output from masters and all its replicas.',
  'IS-MASTER-DOWN-BY-ADDR <ip> <port> <current-epoch> <runid>',
  '    Check if the master specified by ip:port is down from current Sentinel\'s',
  '    point of view.',
  'MASTER <master-name>',
  '    Show the state and info of the specified master.',
  'MASTERS',
  '    Show a list of monitored masters and their state.',
  'MONITOR <name> <ip> <port> <quorum>',
  '    Start monitoring a new master with the specified name, ip, port and quorum.',
  'MYID',
  '    Return the ID of the Sentinel instance.',
  'PENDING-SCRIPTS',
  '    Get pending scripts information.',
  'REMOVE <master-name>',
  '    Remove master from Sentinel\'s monitor list.',
  'REPLICAS <master-name>',
  '    Show a list of replicas for this master and their state.',
  'RESET <pattern>',
  '    Reset masters for specific master name matching this pattern.',
  'SENTINELS <master-name>',
  '    Show a list of Sentinel instances for this master and their state.',
  'SET <master-name> <option> <value> [<option> <value> ...]',
  '    Set configuration parameters for certain masters.',
  'SIMULATE-FAILURE [CRASH-AFTER-ELECTION] [CRASH-AFTER-PROMOTION] [HELP]',
  '    Simulate a Sentinel crash.',
];

/** `sees`: for whom a primary is there at all. */
export function sentinelCommands(sentinel: Sentinel, sees: (session: Session, name: string) => boolean = () => true): readonly CommandRow[] {
  const { primaries } = sentinel;

  const seenBy = (session: Session): Primary[] => [...primaries.values()].filter(({ name }) => sees(session, name));

  /** `work` on the primary that argument 2 names. */
  const named = (work: (unit: Unit, primary: Primary) => void) => (unit: Unit) => {
    const primary = primaries.get(unit.args.text(2));
    if (primary === undefined || !sees(unit.session, primary.name)) return unit.reply.error(NO_PRIMARY);
    work(unit, primary);
  };

  function show({ reply }: Unit, instance: Instance): void {
    const fields = instanceFields(sentinel, instance);
    reply.map(fields.length);
    for (const [name, value] of fields) {
      reply.bulkText(name);
      reply.bulkText(String(value));
    }
  }

  function showAll(unit: Unit, instances: readonly Instance[]): void {
    unit.reply.array(instances.length);
    for (const instance of instances) show(unit, instance);
  }

  const flushed = ({ reply }: Unit) => (sentinel.persist() ? reply.ok() : reply.error('ERR Failed to save config file. Check server logs.'));

  function isDownByAddress(unit: Unit): void {
    const { args, reply } = unit;
    const port = unit.integerArg(3);
    if (port !== port) return;
    const epoch = unit.integerArg(4);
    if (epoch !== epoch) return;
    const { isDown, vote } = answerDown(sentinel, args.text(2), port, epoch, args.text(5));
    reply.array(3);
    reply.integer(isDown ? 1 : 0);
    reply.bulkText(vote.leader ?? '*');
    reply.integer(vote.epoch);
  }

  function addressByName({ args, reply, session }: Unit): void {
    const primary = primaries.get(args.text(2));
    if (primary === undefined || !sees(session, primary.name)) return reply.nullArray();
    reply.array(2);
    reply.bulkText(sentinel.shownHost(primary.currentAddress));
    reply.bulkText(String(primary.currentAddress.port));
  }

  function reset({ args, reply }: Unit): void {
    let count = 0;
    for (const primary of primaries.values()) {
      const name = Buffer.from(primary.name, 'latin1');
      if (!globMatches(args.buf, args.off[2]!, args.len[2]!, name, 0, name.length, false)) continue;
      sentinel.reset(primary, false);
      sentinel.event('warning', '+reset-master', primary);
      count++;
    }
    reply.integer(count);
  }

  function failover({ reply }: Unit, primary: Primary): void {
    if (primary.isFailingOver) return reply.error('INPROG Failover already in progress');
    if (selectReplica(sentinel, primary) === undefined) return reply.error('NOGOODSLAVE No suitable replica to promote');
    sentinel.hands.log('warning', `Executing user requested FAILOVER of '${primary.name}'`);
    orderFailover(sentinel, primary);
    reply.ok();
  }

  function ckquorum({ reply }: Unit, primary: Primary): void {
    const usable = 1 + [...primary.peers.values()].filter((peer) => !peer.isSubjectivelyDown).length;
    const majority = Math.floor((primary.peers.size + 1) / 2) + 1;
    const faults: string[] = [];
    if (usable < primary.quorum) faults.push('Not enough available Sentinels to reach the specified quorum for this master');
    if (usable < majority) faults.push('Not enough available Sentinels to reach the majority and authorize a failover');
    if (faults.length === 0) reply.simple(`OK ${usable} usable Sentinels. Quorum and failover authorization can be reached`);
    else reply.error(`NOQUORUM ${usable} usable Sentinels. ${faults.join('. ')}`);
  }

  function monitor(unit: Unit): void {
    const { args, reply } = unit;
    const quorum = unit.integerArg(5, 'ERR Invalid quorum');
    if (quorum !== quorum) return;
    const port = unit.integerArg(4, 'ERR Invalid port');
    if (port !== port) return;
    if (quorum <= 0) return reply.error('ERR Quorum must be 1 or greater.');
    const host = args.text(3);
    if (!isIpLiteral(host) && sentinel.resolve(host, port) === undefined) return reply.error('ERR Invalid IP address or hostname specified');
    const primary = sentinel.addPrimary(args.text(2), host, port, quorum);
    if (typeof primary === 'string') return reply.error(`ERR ${primary}`);
    flushed(unit);
    sentinel.event('warning', '+monitor', primary, ` quorum ${primary.quorum}`);
  }

  function remove(unit: Unit, primary: Primary): void {
    sentinel.event('warning', '-monitor', primary);
    sentinel.removePrimary(primary);
    flushed(unit);
  }

  function infoCache({ args, reply, session }: Unit): void {
    const now = sentinel.now();
    const names = new Set(Array.from({ length: args.count - 2 }, (_, i) => args.text(i + 2)));
    const wanted = seenBy(session).filter(({ name }) => names.has(name));
    reply.array(wanted.length * 2);
    for (const primary of wanted) {
      reply.bulkText(primary.name);
      const servers = [primary, ...primary.replicas.values()];
      reply.array(servers.length);
      for (const server of servers) {
        reply.array(2);
        reply.integer(server.infoAt === 0 ? 0 : now - server.infoAt);
        if (server.info === undefined) reply.nullBulk();
        else reply.bulkText(server.info);
      }
    }
  }

  function pendingScripts({ reply }: Unit): void {
    const now = sentinel.now();
    const { jobs } = sentinel.scripts;
    reply.array(jobs.length);
    for (const { argv, isRunning, pid, tries, at } of jobs) {
      reply.map(5);
      reply.bulkText('argv');
      reply.array(argv.length);
      for (const word of argv) reply.bulkText(word);
      const fields: [string, string | number][] = [
        ['flags', isRunning ? 'running' : 'scheduled'],
        ['pid', pid],
        isRunning ? ['run-time', now - at] : ['run-delay', at === 0 ? 0 : Math.max(0, at - now)],
        ['retry-num', tries],
      ];
      for (const [name, value] of fields) {
        reply.bulkText(name);
        reply.bulkText(String(value));
      }
    }
  }

  function simulateFailure({ args, reply }: Unit): void {
    sentinel.crashesAfterElection = sentinel.crashesAfterPromotion = false;
    for (let i = 2; i < args.count; i++) {
      if (args.is(i, 'crash-after-election')) {
        sentinel.crashesAfterElection = true;
        sentinel.hands.log('warning', 'Failure simulation: this Sentinel will crash after being successfully elected as failover leader');
      } else if (args.is(i, 'crash-after-promotion')) {
        sentinel.crashesAfterPromotion = true;
        sentinel.hands.log('warning', 'Failure simulation: this Sentinel will crash after promoting the selected replica to master');
      } else if (args.is(i, 'help')) {
        reply.array(2);
        reply.bulkText('crash-after-election');
        reply.bulkText('crash-after-promotion');
        return;
      } else return reply.error('ERR Unknown failure simulation specified');
    }
    reply.ok();
  }

  function debug({ args, reply }: Unit): void {
    const { timings } = sentinel;
    if (args.count === 2) {
      reply.map(timingNames.length);
      for (const name of timingNames) {
        reply.bulkText(name.toUpperCase());
        reply.bulkText(String(timings[name]));
      }
      return;
    }
    for (let i = 2; i < args.count; i += 2) {
      const name = timingNames.find((candidate) => args.is(i, candidate));
      if (name === undefined || i + 1 >= args.count) return reply.error(`ERR Unknown option or number of arguments for SENTINEL DEBUG '${args.text(i)}'`);
      const text = args.text(i + 1);
      if (!/^[1-9]\d{0,14}$/.test(text)) return reply.error(`ERR Invalid argument '${text}' for SENTINEL DEBUG '${args.text(i)}'`);
      timings[name] = Number(text);
    }
    reply.ok();
  }

  function help({ reply }: Unit): void {
    const lines = ['SENTINEL <subcommand> [<arg> [value] [opt] ...]. Subcommands are:', ...HELP, 'HELP', '    Prints this help.'];
    reply.array(lines.length);
    for (const line of lines) reply.simple(line);
  }

  function role({ reply, session }: Unit): void {
    reply.array(2);
    reply.bulkText('sentinel');
    const seen = seenBy(session);
    reply.array(seen.length);
    for (const { name } of seen) reply.bulkText(name);
  }

  /** Other Sentinels send their hellos here. */
  function publish({ args, reply }: Unit): void {
    if (args.text(1) !== HELLO_CHANNEL) return reply.error('ERR Only HELLO messages are accepted by Sentinel instances.');
    receiveHello(sentinel, args.text(2));
    reply.integer(1);
  }

  const row = (name: string, arity: number, run: (unit: Unit) => void, facts = ADMIN): CommandRow => ({ name: `sentinel|${name}`, needs: 'none', run, facts: `${arity}~${facts}` });
  const replicas = named((unit, primary) => showAll(unit, [...primary.replicas.values()].filter((replica) => replica.isAnnounced)));
  return [
    { name: 'sentinel', needs: 'none', run: (unit) => unit.wrongArity(), facts: `-2~${ADMIN}` },
    row('ckquorum', 3, named(ckquorum)),
    row('config', -3, configCommand(sentinel, flushed)),
    row('debug', -2, debug),
    row('failover', 3, named(failover)),
    row('flushconfig', 2, flushed),
    row('get-master-addr-by-name', 3, addressByName),
    row('help', 2, help, 'loading stale~0 0 0~@slow~~'),
    row('info-cache', -3, infoCache),
    row('is-master-down-by-addr', 6, isDownByAddress),
    row('master', 3, named(show)),
    row('masters', 2, (unit) => showAll(unit, seenBy(unit.session))),
    row('monitor', 6, monitor),
    row('myid', 2, ({ reply }) => reply.bulkText(sentinel.id)),
    row('pending-scripts', 2, pendingScripts),
    row('remove', 3, named(remove)),
    row('replicas', 3, replicas),
    row('reset', 3, reset),
    row('sentinels', 3, named((unit, primary) => showAll(unit, [...primary.peers.values()]))),
    row('set', -5, named(setCommand(sentinel, flushed))),
    row('simulate-failure', -3, simulateFailure),
    row('slaves', 3, replicas),
    { name: 'role', needs: 'none', run: role },
    { name: 'publish', needs: 'none', run: publish },
  ];
}

/** INFO's section. */
export function sentinelInfo(sentinel: Sentinel, sees: (name: string) => boolean = () => true): [name: string, value: string | number][] {
  const { scripts } = sentinel;
  const seen = [...sentinel.primaries.values()].filter(({ name }) => sees(name));
  const simulated = (sentinel.crashesAfterElection ? 1 : 0) + (sentinel.crashesAfterPromotion ? 2 : 0);
  return [
    ['sentinel_masters', seen.length],
    ['sentinel_tilt', sentinel.isTilted ? 1 : 0],
    ['sentinel_tilt_since_seconds', sentinel.isTilted ? Math.floor((sentinel.now() - sentinel.tiltedSince) / 1000) : -1],
    ['sentinel_running_scripts', scripts.running],
    ['sentinel_scripts_queue_length', scripts.jobs.length],
    ['sentinel_simulate_failure_flags', simulated],
    ...seen.map((primary, index): [string, string] => {
      const status = primary.isObjectivelyDown ? 'odown' : primary.isSubjectivelyDown ? 'sdown' : 'ok';
      const address = `${sentinel.shownHost(primary.address)}:${primary.address.port}`;
      return [`master${index}`, `name=${primary.name},status=${status},address=${address},slaves=${primary.replicas.size},sentinels=${primary.peers.size + 1}`];
    }),
  ];
}
