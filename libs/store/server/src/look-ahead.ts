/**
 * Decodes the commands of one read some ahead of the one that runs, so that the memory of their keys is on its way
 * (keyspace: Foresight) before they do.
 *
 *   bytes   │ SET a │ SET b │ GET c │ GET d │ SET e …
 *             └────── decoded ahead ──────┘
 *              runs ▲
 *
 * What stands here is only the decoder's reading of bytes that still lie in the read buffer: whoever stops amid a batch forgets the
 * rest and decodes it again later.
 */
import type { Command, CommandTable } from '@larder/store-dispatch';
import { ONE_KEY } from '@larder/store-dispatch';
import type { Keyspace } from '@larder/store-keyspace';
import { FORESEEN_MAX, Foresight } from '@larder/store-keyspace';
import type { DecodeLimits, DecodeState } from '@larder/store-resp';
import { Args, COMPLETE, Decoder } from '@larder/store-resp';

/** Fewer keys are not worth a look. */
const FORESEEN_MIN = 3;
/** A command of more arguments ends a batch: it has work enough of its own. */
const ARGS_MAX = 16;

export class LookAhead {
  readonly decoder = new Decoder();
  /** Commands decoded and not yet run are those from `at` to `count`. */
  count = 0;
  at = 0;
  private readonly table: CommandTable;
  private readonly keyspace: Keyspace;
  private readonly foresight: Foresight;
  private readonly args = Array.from({ length: FORESEEN_MAX }, () => new Args(ARGS_MAX));
  private readonly commands: (Command | undefined)[] = new Array<Command | undefined>(FORESEEN_MAX).fill(undefined);
  /** Where the command after each begins. */
  private readonly ends = new Int32Array(FORESEEN_MAX);
  /** Number of its key, or -1. */
  private readonly keys = new Int32Array(FORESEEN_MAX);

  constructor(table: CommandTable, keyspace: Keyspace) {
    this.table = table;
    this.keyspace = keyspace;
    this.foresight = new Foresight(keyspace);
  }

  /** Decodes from `pos`. What ended it: COMPLETE when there may be more, else why not, as Decoder says. */
  fill(buf: Buffer, pos: number, end: number, limits: DecodeLimits, state: DecodeState, database: number): number {
    const { decoder, foresight } = this;
    foresight.begin();
    this.at = 0;
    let count = 0;
    let foreseen = 0;
    let status = COMPLETE;
    while (count < FORESEEN_MAX) {
      const args = (decoder.args = this.args[count]!);
      status = decoder.next(buf, pos, end, limits, state);
      if (status !== COMPLETE) break;
      pos = decoder.pos;
      this.ends[count] = pos;
      this.keys[count] = -1;
      const command = args.count === 0 ? undefined : this.table.find(args.buf, args.off[0]!, args.len[0]!);
      this.commands[count] = command;
      count++;
      // Inline commands lie in the decoder's own room; who has not signed in may do so with this one.
      if (args.buf !== buf || args.count > ARGS_MAX || !limits.authenticated) break;
      if (command !== undefined && command.reaches === ONE_KEY && command.firstKey < args.count) {
        const i = command.firstKey;
        const key = foresight.note(database, buf, args.off[i]!, args.len[i]!);
        const { element } = command;
        if (element !== undefined && element < args.count) foresight.noteElement(key, args.off[element]!, args.len[element]!);
        this.keys[count - 1] = key;
        foreseen++;
      }
      if (pos === end) break;
    }
    this.count = count;
    if (foreseen >= FORESEEN_MIN) foresight.fetch();
    return status;
  }

  /** The next command's arguments; its key is aimed at. */
  next(): Args {
    const { at, keyspace } = this;
    const args = this.args[at]!;
    const key = this.keys[at]!;
    if (key < 0) keyspace.unaim();
    else {
      const i = this.commands[at]!.firstKey;
      this.foresight.aim(key, args.buf, args.off[i]!, args.len[i]!);
    }
    return args;
  }

  get command(): Command | undefined {
    return this.commands[this.at];
  }

  /** The next command has run. Where the bytes after it begin. */
  done(): number {
    return this.ends[this.at++]!;
  }

  /** The commands that have not run will be decoded again. */
  forget(state: DecodeState): void {
    if (this.at < this.count) state.resume = null;
    this.at = this.count = 0;
    this.keyspace.unaim();
  }
}
