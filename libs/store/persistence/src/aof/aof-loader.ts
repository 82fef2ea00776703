/**
 * Loads one append-only file by running its commands.
 *
 * A transaction runs when its EXEC has been read, so a file that ends within one is good up to its MULTI. A file that ends
 * within a command has a torn tail, which `aof-load-truncated` allows to cut off; a file in which whole commands follow the
 * place where reading failed is damaged, and cutting there would throw away what is good: that is never done here.
 */
import type { Args } from '@larder/store-resp';
import { AofReader } from './aof-reader';
import type { AofSource } from './aof-reader';

export interface AofTarget {
  /** Runs a command as the file's client. False: there is no such command. */
  run(args: Args): boolean;
}

export type AofFault =
  /** The file ends within a command or transaction; good up to `offset`. */
  | { readonly kind: 'short'; readonly offset: number; readonly isTransaction: boolean }
  /** What stands at `offset` is no command. */
  | { readonly kind: 'format'; readonly offset: number }
  /** As 'short', but whole commands follow, from byte `resumesAt` on. */
  | { readonly kind: 'damaged'; readonly offset: number; readonly resumesAt: number }
  | { readonly kind: 'unknown'; readonly offset: number; readonly name: string };

/** So many whole commands in a row behind the place where reading failed are no accident. */
const COMMANDS_IN_A_ROW = 2;
const SCAN_BYTES_MAX = 16 << 20;

export class AofLoader {
  commands = 0;
  private readonly source: AofSource;
  private readonly reader: AofReader;
  private readonly target: AofTarget;
  /** Commands since MULTI. */
  private queue: Args[] | null = null;
  private validBeforeMulti = 0;

  constructor(source: AofSource, target: AofTarget, from = 0, bufferBytes?: number) {
    this.source = source;
    this.reader = new AofReader(source, from, bufferBytes);
    this.target = target;
  }

  /** Bytes read so far. */
  get offset(): number {
    return this.reader.offset;
  }

  /** Runs up to `count` commands. 'more' until the file ends. */
  load(count: number): 'more' | 'done' | AofFault {
    const { reader } = this;
    for (let i = 0; i < count; i++) {
      const step = reader.next();
      if (step !== 'command') return this.ended(step);
      const { args } = reader;
      this.commands++;
      if (args.len[0] === 5 && args.is(0, 'multi') && this.queue === null) {
        this.queue = [];
        this.validBeforeMulti = reader.start;
      } else if (this.queue === null) {
        if (!this.target.run(args)) return this.unknown(args);
      } else if (args.len[0] === 4 && args.is(0, 'exec')) {
        const { queue } = this;
        this.queue = null;
        for (const queued of queue) if (!this.target.run(queued)) return this.unknown(queued);
      } else this.queue.push(args.detach());
    }
    return 'more';
  }

  private ended(step: 'end' | 'short' | 'format'): 'done' | AofFault {
    const { offset } = this.reader;
    if (step === 'format') return { kind: 'format', offset };
    if (step === 'end' && this.queue === null) return 'done';
    const resumesAt = step === 'short' ? findWholeCommands(this.source, offset) : -1;
    if (resumesAt >= 0) return { kind: 'damaged', offset, resumesAt };
    if (this.queue !== null) return { kind: 'short', offset: this.validBeforeMulti, isTransaction: true };
    return { kind: 'short', offset, isTransaction: false };
  }

  private unknown(args: Args): AofFault {
    return { kind: 'unknown', offset: this.reader.start, name: args.text(0) };
  }
}

/** Where, behind byte `from`, whole commands in a row begin at a line's start; -1 where they do not. */
export function findWholeCommands(source: AofSource, from: number): number {
  const tail = Buffer.alloc(Math.min(SCAN_BYTES_MAX, Math.max(0, source.size - from)));
  let length = 0;
  while (length < tail.length) {
    const read = source.read(tail.subarray(length), from + length);
    if (read === 0) break;
    length += read;
  }
  const bytes = tail.subarray(0, length);
  const inner: AofSource = { size: length, read: (into, position) => bytes.copy(into, 0, position) };
  for (let at = bytes.indexOf('\n*'); at >= 0; at = bytes.indexOf('\n*', at + 1)) {
    // A name of letters, as every command has one.
    if (!/^\*\d{1,7}\r\n\$\d{1,3}\r\n[A-Za-z]/.test(bytes.toString('latin1', at + 1, at + 24))) continue;
    const reader = new AofReader(inner, at + 1, 4096);
    let whole = 0;
    while (whole < COMMANDS_IN_A_ROW && reader.next() === 'command') whole++;
    if (whole === COMMANDS_IN_A_ROW) return from + at + 1;
  }
  return -1;
}

/** What the log says about a fault, as Redis does, and how to mend it. */
export function aofFaultLines(fault: AofFault, file: string): string[] {
  switch (fault.kind) {
    case 'short':
      return [
        `Unexpected end of file reading the append only file ${file}. You can: 1) Make a backup of your AOF file, then use ./redis-check-aof --fix <filename.manifest>. ` +
          "2) Alternatively you can set the 'aof-load-truncated' configuration option to yes and restart the server.",
      ];
    case 'damaged':
      return [
        `The append only file ${file} is damaged at offset ${fault.offset}: the command there does not end, but whole commands follow from offset ${fault.resumesAt}. ` +
          'Cutting the file there would lose them, so it is not done at start.',
        `Bad file format reading the append only file ${file}: make a backup of your AOF file, then use ./redis-check-aof --fix <filename.manifest>`,
      ];
    case 'format':
      return [
        `Bad file format reading the append only file ${file}: make a backup of your AOF file, then use ./redis-check-aof --fix <filename.manifest>`,
        `What is wrong begins at offset ${fault.offset} of ${file}.`,
      ];
    case 'unknown':
      return [`Unknown command '${fault.name}' reading the append only file ${file}`];
  }
}
