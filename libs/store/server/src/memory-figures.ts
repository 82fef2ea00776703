/** What memory is used for: one account for INFO memory, MEMORY STATS and MEMORY DOCTOR. */
import { readFileSync } from 'node:fs';
import type { StoreServer } from './store-server';

const PAGE_BYTES = 4096;
/** Of a key in the tables: its slot, and the words beside it. */
const TABLE_BYTES_PER_KEY = 8;

export interface DatabaseFigures {
  readonly database: number;
  readonly keys: number;
  readonly expires: number;
  readonly tableBytes: number;
  readonly expiresBytes: number;
}

export interface MemoryFigures {
  readonly peak: number;
  /** Arena and buffers: what `maxmemory` is compared with. */
  readonly used: number;
  readonly startup: number;
  readonly clients: number;
  readonly lua: number;
  readonly scripts: number;
  readonly databases: readonly DatabaseFigures[];
  readonly overhead: number;
  readonly keys: number;
  readonly bytesPerKey: number;
  readonly dataset: number;
  readonly datasetPercent: number;
  readonly peakPercent: number;
  readonly allocated: number;
  readonly active: number;
  readonly resident: number;
  readonly rss: number;
}

function residentBytes(): number {
  try {
    return Number(readFileSync('/proc/self/statm', 'latin1').split(' ')[1]) * PAGE_BYTES;
  } catch {
    return process.memoryUsage.rss();
  }
}

/** Bytes that clients of this thread have in flight. */
function bufferBytes(server: StoreServer): number {
  let bytes = 0;
  for (const connection of server.connections.values()) bytes += connection.outputBytes + connection.queryBytes;
  return bytes;
}

export function memoryFigures(server: StoreServer): MemoryFigures {
  const { arena, keyspace, scripts } = server;
  const clients = bufferBytes(server) + server.statistics.gauge('buffers');
  const used = arena.used + clients;
  server.statistics.peakMemory = Math.max(server.statistics.peakMemory, used);
  const databases: DatabaseFigures[] = [];
  for (let database = 0; database < keyspace.databases; database++) {
    const keys = keyspace.size(database);
    if (keys === 0) continue;
    const expires = keyspace.expiresSize(database);
    databases.push({ database, keys, expires, tableBytes: keys * TABLE_BYTES_PER_KEY, expiresBytes: expires * TABLE_BYTES_PER_KEY });
  }
  const keys = databases.reduce((sum, each) => sum + each.keys, 0);
  const tables = databases.reduce((sum, each) => sum + each.tableBytes + each.expiresBytes, 0);
  const overhead = server.statistics.startMemory + clients + tables;
  const dataset = Math.max(used - overhead, 0);
  const net = Math.max(used - server.statistics.startMemory, 1);
  return {
    peak: server.statistics.peakMemory,
    used,
    startup: server.statistics.startMemory,
    clients,
    lua: scripts.luaBytes,
    scripts: scripts.scriptBytes,
    databases,
    overhead,
    keys,
    bytesPerKey: keys === 0 ? 0 : Math.floor(net / keys),
    dataset,
    datasetPercent: (dataset * 100) / net,
    peakPercent: (used * 100) / Math.max(server.statistics.peakMemory, 1),
    allocated: arena.used,
    active: Math.max(arena.reserved, 1),
    resident: Math.max(arena.reserved, 1),
    rss: residentBytes(),
  };
}

/** What is wrong with memory, if anything, as text. */
export function memoryDoctor(server: StoreServer): string {
  const m = memoryFigures(server);
  if (m.used < 5 << 20) return 'There is too little data to judge by: ask again when there is more.\n';
  const found: string[] = [];
  if (m.peak / m.used > 1.5) found.push('Peak: memory use was more than half as much again at its peak. The pages are kept for reuse, so the resident size may stay near the peak.');
  if (m.active / Math.max(m.allocated, 1) > 1.1 && m.active - m.allocated > 10 << 20) found.push('Fragmentation: more than a tenth of the memory taken for data lies between values and is free. New data goes there first.');
  const perClient = m.clients / Math.max(server.connectionCount, 1);
  if (perClient > 200 << 10) found.push('Clients: their buffers take more than 200 KiB each on average. Somebody reads slowly or sends much at once: CLIENT LIST shows qbuf and omem.');
  if (found.length === 0) return 'Memory is in order.\n';
  return `Memory could be used better:\n\n${found.map((each) => ` * ${each}`).join('\n\n')}\n`;
}
