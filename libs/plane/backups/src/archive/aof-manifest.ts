// The manifest of an append-only directory as an archiver needs it: which base, which increments in order, which parts are history. A
// reader of its own, like the walk of an RDB: it shares no code with the engine that wrote it.
//
//   file appendonly.aof.2.base.rdb seq 2 type b
//   file appendonly.aof.1.incr.aof seq 1 type h
//   file "appendonly.aof.3.incr.aof" seq 3 type i
import { IntegrityFault } from '../integrity-fault';

export interface LogFile {
  readonly name: string;
  readonly sequence: number;
}

export interface LogManifest {
  readonly base: LogFile | undefined;
  /** Rising. */
  readonly increments: readonly LogFile[];
  /** Increments that a rewrite made superfluous and that still lie there; rising. */
  readonly past: readonly LogFile[];
  /** Any file is history. */
  readonly hasHistory: boolean;
}

const line = /^file ("?)([^/\\"\s]+)\1 seq (\d{1,10}) type ([bhi])$/;

export function parseLogManifest(text: string): LogManifest {
  let base: LogFile | undefined;
  const increments: LogFile[] = [];
  const past: LogFile[] = [];
  let hasHistory = false;
  for (const row of text.split('\n').map((each) => each.trim()).filter((each) => each !== '' && !each.startsWith('#'))) {
    const [, , name, sequence, type] = line.exec(row) ?? [];
    if (name === undefined || name === '.' || name === '..') throw new IntegrityFault(`the manifest has a line that is none: ${row.slice(0, 200)}`);
    const file = { name, sequence: Number(sequence) };
    if (type === 'b') base = file;
    else if (type === 'i') increments.push(file);
    else {
      hasHistory = true;
      if (name.endsWith('.incr.aof')) past.push(file);
    }
  }
  const rising = (left: LogFile, right: LogFile): number => left.sequence - right.sequence;
  return { base, increments: increments.sort(rising), past: past.sort(rising), hasHistory };
}
