/** MEMORY: what a key takes, and what everything takes. */
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { replyHelp } from '@larder/store-commands';
import { TYPE_STRING, doubleText } from '@larder/store-datatypes';
import { memoryDoctor, memoryFigures } from '../memory-figures';
import type { StoreServer } from '../store-server';

const HELP = [
  'DOCTOR',
  '    Return memory problems reports.',
  'MALLOC-STATS',
  '    Return internal statistics report from the memory allocator.',
  'PURGE',
  '    Attempt to purge dirty pages for reclamation by the allocator.',
  'STATS',
  '    Return information about the memory usage of the server.',
  'USAGE <key> [SAMPLES <count>]',
  '    Return memory in bytes used by <key> and its value. Nested values are',
  '    sampled up to <count> times (default: 5, 0 means sample all).',
];

/** A slot of its table. */
const SLOT_BYTES = 8;

export function memoryCommands(server: StoreServer): readonly CommandRow[] {
  /** Exact, so there is nothing to sample. */
  function usage(unit: Unit): void {
    const { args, reply, keyspace, view } = unit;
    for (let i = 3; i < args.count; i++) {
      if (!args.is(i, 'samples') || i + 1 >= args.count) return unit.syntaxError();
      const samples = unit.integerArg(++i);
      if (samples !== samples) return;
      if (samples < 0) return unit.syntaxError();
    }
    const found = keyspace.lookup(unit.database, args.buf, args.off[2]!, args.len[2]!);
    if (found === 0) return reply.nullBulk();
    const content = view.type === TYPE_STRING ? 0 : keyspace.kinds[view.type]!.bytes(view);
    reply.integer(server.arena.capacity(found) + content + SLOT_BYTES);
  }

  function stats({ reply }: Unit): void {
    const m = memoryFigures(server);
    const whole = (name: string, value: number) => {
      reply.bulkText(name);
      reply.integer(value);
    };
    const real = (name: string, value: number) => {
      reply.bulkText(name);
      reply.double(doubleText(value));
    };
    reply.map(27 + m.databases.length);
    whole('peak.allocated', m.peak);
    whole('total.allocated', m.used);
    whole('startup.allocated', m.startup);
    whole('replication.backlog', server.replication.shared.backlog.ringBytes);
    whole('clients.slaves', 0);
    whole('clients.normal', m.clients);
    whole('cluster.links', 0);
    whole('aof.buffer', 0);
    whole('lua.caches', m.scripts);
    whole('functions.caches', server.functions.libraryBytes);
    for (const { database, tableBytes, expiresBytes } of m.databases) {
      reply.bulkText(`db.${database}`);
      reply.map(3);
      whole('overhead.hashtable.main', tableBytes);
      whole('overhead.hashtable.expires', expiresBytes);
      whole('overhead.hashtable.slot-to-keys', 0);
    }
    whole('overhead.total', m.overhead);
    whole('keys.count', m.keys);
    whole('keys.bytes-per-key', m.bytesPerKey);
    whole('dataset.bytes', m.dataset);
    real('dataset.percentage', m.datasetPercent);
    real('peak.percentage', m.peakPercent);
    whole('allocator.allocated', m.allocated);
    whole('allocator.active', m.active);
    whole('allocator.resident', m.resident);
    real('allocator-fragmentation.ratio', m.active / Math.max(m.allocated, 1));
    whole('allocator-fragmentation.bytes', m.active - m.allocated);
    real('allocator-rss.ratio', m.resident / m.active);
    whole('allocator-rss.bytes', m.resident - m.active);
    real('rss-overhead.ratio', m.rss / m.resident);
    whole('rss-overhead.bytes', m.rss - m.resident);
    real('fragmentation', m.rss / Math.max(m.used, 1));
    whole('fragmentation.bytes', m.rss - m.used);
  }

  function mallocStats({ reply }: Unit): void {
    const { arena } = server;
    reply.verbatim(`___ Begin larder arena statistics ___\nShards: ${arena.shards}\nAllocated: ${arena.used}, active: ${arena.reserved}\n--- End larder arena statistics ---\n`);
  }

  return [
    { name: 'memory', needs: 'none', run: (unit) => unit.wrongArity() },
    { name: 'memory|usage', needs: 'keys', run: usage },
    { name: 'memory|stats', needs: 'exclusive', run: stats },
    { name: 'memory|doctor', needs: 'exclusive', run: (unit) => unit.reply.verbatim(memoryDoctor(server)) },
    { name: 'memory|malloc-stats', needs: 'exclusive', run: mallocStats },
    { name: 'memory|purge', needs: 'none', run: (unit) => unit.reply.ok() },
    { name: 'memory|help', needs: 'none', run: (unit) => replyHelp(unit, HELP) },
  ];
}
