/** SLOWLOG: the commands that took longest to run, newest first, at most `slowlog-max-len` of them. */
import type { Args } from '@larder/store-resp';

export interface SlowCommand {
  readonly id: number;
  /** Seconds since 1970. */
  readonly time: number;
  readonly usec: number;
  /** Long ones and long lists of them are cut. */
  readonly args: readonly string[];
  readonly address: string;
  readonly name: string;
}

const ARGUMENTS_MAX = 32;
const ARGUMENT_BYTES_MAX = 128;

/** Arguments as the log keeps them. */
export function shortened(args: Args): string[] {
  const shown = Math.min(args.count, ARGUMENTS_MAX);
  const isCut = shown < args.count;
  return Array.from({ length: shown }, (_, i) => {
    if (isCut && i === shown - 1) return `... (${args.count - shown + 1} more arguments)`;
    const text = args.text(i);
    return text.length <= ARGUMENT_BYTES_MAX ? text : `${text.slice(0, ARGUMENT_BYTES_MAX)}... (${text.length - ARGUMENT_BYTES_MAX} more bytes)`;
  });
}

export class SlowLog {
  private entries: SlowCommand[] = [];
  private lengthMax = 0;
  private nextId = 0;

  get length(): number {
    return this.entries.length;
  }

  newest(count: number): readonly SlowCommand[] {
    return this.entries.slice(0, count);
  }

  add(entry: Omit<SlowCommand, 'id'>): void {
    this.entries.unshift({ ...entry, id: this.nextId++ });
    this.resize(this.lengthMax);
  }

  resize(lengthMax: number): void {
    this.lengthMax = lengthMax;
    if (this.entries.length > lengthMax) this.entries.length = lengthMax;
  }

  reset(): void {
    this.entries = [];
  }
}
