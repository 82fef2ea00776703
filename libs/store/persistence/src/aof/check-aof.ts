/**
 * `larder-check-aof`: reads append-only files without running them, says up to where they are good, and cuts off what is not
 * (`--fix`) or what is too young (`--truncate-to-timestamp`). Output, questions and exit codes are those of redis-check-aof.
 *
 * The files are reached through a port; the process that owns them prints, asks and exits.
 */
import { manifestFaultLines, parseManifest } from './manifest';
import type { AofManifest } from './manifest';

export interface CheckedFile {
  readonly size: number;
  read(into: Buffer, position: number): number;
  truncate(bytes: number): boolean;
  close(): void;
}

export interface CheckPort {
  /** @throws with the system's words when it cannot be opened */
  open(path: string, forWriting: boolean): CheckedFile;
  print(text: string): void;
  /** A line from the user, or undefined at the end of input. */
  ask(): string | undefined;
  /** Checks an RDB preamble; the bytes it takes, or undefined when it is not sane (it has said so). */
  checkPreamble(file: CheckedFile, shownName: string): number | undefined;
}

/** The check is over, with this exit code. */
class Exit extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}

/** What was found where; it ends the reading of a file. */
class Wrong extends Error {}

const LINE_BYTES_MAX = 1024;
const STRING_BYTES_MAX = 2 ** 63;

type Verdict = 'ok' | 'empty' | 'truncated' | 'timestamp';

/** Runs the tool with `args` (without the program's name). Returns the exit code. */
export function checkAof(program: string, args: readonly string[], port: CheckPort): number {
  try {
    new AofCheck(port).main(program, args);
    return 0;
  } catch (error) {
    if (error instanceof Exit) return error.code;
    throw error;
  }
}

class AofCheck {
  private readonly port: CheckPort;
  private toTimestamp = 0;
  /** Over all files, as redis-check-aof counts and remembers. */
  private line = 1;
  private error = '';

  constructor(port: CheckPort) {
    this.port = port;
  }

  main(program: string, args: readonly string[]): void {
    let path = args[0];
    let fix = false;
    if (args.length === 2 && args[0] === '--fix') {
      fix = true;
      path = args[1];
    } else if (args.length === 3 && args[0] === '--truncate-to-timestamp') {
      if (!/^\s*[-+]?\d+$/.test(args[1]!)) this.stop('Invalid timestamp, aborting...\n');
      this.toTimestamp = Number(args[1]);
      path = args[2];
    } else if (args.length !== 1) {
      this.stop(`Usage: ${program} [--fix|--truncate-to-timestamp $timestamp] <file.manifest|file.aof>\n`);
    }
    const head = this.head(path!);
    if (head.isManifest) this.checkMultiPart(path!, head.text, fix);
    else {
      this.port.print('Start checking Old-Style AOF\n');
      this.told(`AOF ${path}`, `AOF ${path}`, this.checkOne(path!, path!, true, fix, head.isRdb));
    }
  }

  private stop(text: string): never {
    this.port.print(text);
    throw new Exit(1);
  }

  private open(path: string, forWriting: boolean): CheckedFile {
    try {
      return this.port.open(path, forWriting);
    } catch (error) {
      return this.stop(`Cannot open file ${path}: ${(error as Error).message}${forWriting ? ', aborting...' : ''}\n`);
    }
  }

  /** A manifest has a line that begins with `file`, a preamble the magic of an RDB file. */
  private head(path: string): { isManifest: boolean; isRdb: boolean; text: string } {
    const file = this.open(path, false);
    const bytes = Buffer.alloc(Math.min(file.size, 1 << 20));
    file.read(bytes, 0);
    file.close();
    const text = bytes.toString('latin1');
    return { isManifest: /^file/m.test(text), isRdb: bytes.length >= 8 && text.startsWith('REDIS'), text };
  }

  private checkMultiPart(path: string, text: string, fix: boolean): void {
    const { print } = this.port;
    const slash = path.lastIndexOf('/');
    const folder = slash < 0 ? '.' : path.slice(0, slash) || '/';
    print('Start checking Multi Part AOF\n');
    const read = parseManifest(text);
    if (read.fault !== undefined) this.stop(manifestFaultLines(read.fault).map((line) => `${line}\n`).join(''));
    const { base, increments } = (read as { manifest: AofManifest }).manifest;
    const total = increments.length + (base === undefined ? 0 : 1);
    let number = 0;
    if (base !== undefined) {
      const filePath = `${folder}/${base.name}`;
      const { isRdb } = this.head(filePath);
      print(`Start to check BASE AOF (${isRdb ? 'RDB' : 'RESP'} format).\n`);
      this.told(`BASE AOF ${base.name}`, `AOF ${base.name}`, this.checkOne(base.name, filePath, ++number === total, fix, isRdb));
    }
    if (increments.length > 0) print('Start to check INCR files.\n');
    for (const { name } of increments) {
      this.told(`INCR AOF ${name}`, `AOF ${name}`, this.checkOne(name, `${folder}/${name}`, ++number === total, fix, false));
    }
    print('All AOF files and manifest are valid\n');
  }

  private told(subject: string, plain: string, verdict: Verdict): void {
    const { print } = this.port;
    if (verdict === 'ok') print(`${subject} is valid\n`);
    else if (verdict === 'empty') print(`${subject} is empty\n`);
    else if (verdict === 'truncated') print(`Successfully truncated ${plain}\n`);
    else print(`Successfully truncated ${plain} to timestamp ${this.toTimestamp}\n`);
  }

  private checkOne(name: string, path: string, isLast: boolean, fix: boolean, hasPreamble: boolean): Verdict {
    const { print } = this.port;
    const file = this.open(path, true);
    try {
      const { size } = file;
      if (size === 0) return 'empty';
      const lines = new Lines(file);
      if (hasPreamble) {
        const bytes = this.port.checkPreamble(file, name);
        if (bytes === undefined) this.stop('RDB preamble of AOF file is not sane, aborting.\n');
        print('RDB preamble is OK, proceeding with AOF tail...\n');
        lines.at = bytes!;
      }
      const goodUpTo = this.elements(lines, file, name, path, isLast);
      if (goodUpTo === undefined) return 'timestamp';
      if (this.error !== '') print(`${this.error}\n`);
      const rest = size - goodUpTo;
      if (rest === 0 && this.toTimestamp !== 0) {
        print(`Truncate nothing in AOF ${name} to timestamp ${this.toTimestamp}\n`);
        return 'ok';
      }
      print(`AOF analyzed: filename=${name}, size=${size}, ok_up_to=${goodUpTo}, ok_up_to_line=${this.line}, diff=${rest}\n`);
      if (rest <= 0) return 'ok';
      if (!fix) this.stop(`AOF ${name} is not valid. Use the --fix option to try fixing it.\n`);
      if (!isLast) this.stop(`Failed to truncate AOF ${name} because it is not the last file\n`);
      print(`This will shrink the AOF ${name} from ${size} bytes, with ${rest} bytes, to ${goodUpTo} bytes\n`);
      print('Continue? [y/N]: ');
      if (!/^y/i.test(this.port.ask() ?? '')) this.stop('Aborting...\n');
      if (!file.truncate(goodUpTo)) this.stop(`Failed to truncate AOF ${name}\n`);
      return 'truncated';
    } finally {
      file.close();
    }
  }

  /** Reads to the end or to what is wrong; the offset up to which it is good. Undefined: it was cut at the timestamp. */
  private elements(lines: Lines, file: CheckedFile, name: string, path: string, isLast: boolean): number | undefined {
    let good = lines.at;
    const multi = { depth: 0 };
    for (;;) {
      if (multi.depth === 0) good = lines.at;
      const first = lines.peek();
      if (first < 0) break;
      if (first === 35) {
        if (!this.annotation(lines, file, path, isLast)) return undefined;
        continue;
      }
      if (first !== 42) {
        this.port.print(`AOF ${name} format error\n`);
        return good;
      }
      try {
        this.command(lines, path, multi);
      } catch (wrong) {
        if (!(wrong instanceof Wrong)) throw wrong;
        break;
      }
    }
    if (lines.isAtEnd && multi.depth !== 0 && this.error === '') this.wrong(lines, 'Reached EOF before reading EXEC for MULTI');
    return good;
  }

  private wrong(lines: Lines, what: string): void {
    this.error = `0x${lines.mark.toString(16).padStart(16)}: ${what}`;
  }

  private fail(lines: Lines, what?: string): never {
    if (what !== undefined) this.wrong(lines, what);
    throw new Wrong();
  }

  private command(lines: Lines, path: string, multi: { depth: number }): void {
    const count = this.long(lines, '*');
    for (let i = 0; i < count; i++) {
      const text = this.string(lines, i === 0);
      if (i > 0) continue;
      const word = text.toLowerCase();
      if (word === 'multi' && multi.depth++ !== 0) this.fail(lines, `Unexpected MULTI in AOF ${path}`);
      if (word === 'exec' && --multi.depth !== 0) this.fail(lines, `Unexpected EXEC in AOF ${path}`);
    }
  }

  private long(lines: Lines, prefix: string): number {
    lines.mark = lines.at;
    const text = lines.line(127);
    if (text === undefined) this.fail(lines);
    if (text![0] !== prefix) this.fail(lines, `Expected prefix '${prefix}', got: '${text![0]}'`);
    const number = /^[ \t-\r]*[-+]?\d+/.exec(text!.slice(1))?.[0] ?? '';
    this.newline(lines, text!.slice(1 + number.length));
    return Number(number || 0);
  }

  private newline(lines: Lines, text: string): void {
    if (text.startsWith('\r\n')) this.line++;
    else {
      const shown = [0, 1].map((i) => (i < text.length ? signedHex(text.charCodeAt(i)) : '00')).join('');
      this.fail(lines, `Expected \\r\\n, got: ${shown}`);
    }
  }

  /** Its text only when `wanted`: values may be large. */
  private string(lines: Lines, wanted: boolean): string {
    const length = this.long(lines, '$');
    if (length < 0 || length > STRING_BYTES_MAX) this.fail(lines, `Expected to read string of ${length} bytes, which is not in the suitable range`);
    lines.mark = lines.at;
    const there = Math.min(length + 2, lines.left);
    if (there < length + 2) {
      lines.skip(there);
      lines.isAtEnd = true;
      this.fail(lines, `Expected to read ${length + 2} bytes, got ${there} bytes`);
    }
    const text = wanted ? lines.take(length).split('\0')[0]! : '';
    if (!wanted) lines.skip(length);
    this.newline(lines, lines.take(2));
    return text;
  }

  /** False when the file was cut here. */
  private annotation(lines: Lines, file: CheckedFile, path: string, isLast: boolean): boolean {
    lines.mark = lines.at;
    const { mark } = lines;
    const text = lines.line(LINE_BYTES_MAX - 1)!;
    if (this.toTimestamp === 0 || !text.startsWith('#TS:')) return true;
    const digits = /^[ \t-\r]*[-+]?\d+/.exec(text.slice(4))?.[0] ?? '';
    if (text[4 + digits.length] !== '\r') this.stop('Invalid timestamp annotation\n');
    if (Number(digits || 0) <= this.toTimestamp) return true;
    if (mark === 0) this.stop(`AOF ${path} has nothing before timestamp ${this.toTimestamp}, aborting...\n`);
    if (!isLast) {
      this.port.print(`Failed to truncate AOF ${path} to timestamp ${this.toTimestamp} to offset ${mark} because it is not the last file.\n`);
      this.stop('If you insist, please delete all files after this file according to the manifest file and delete the corresponding records in manifest file manually. Then re-run redis-check-aof.\n');
    }
    if (!file.truncate(mark)) this.stop(`Failed to truncate AOF ${path} to timestamp ${this.toTimestamp}\n`);
    return false;
  }
}

/** As C prints a signed char with %02x. */
function signedHex(byte: number): string {
  return byte < 128 ? byte.toString(16).padStart(2, '0') : `ffffff${byte.toString(16)}`;
}

/** A file read as C's stdio does: lines of limited length, bytes, and where it stands. */
class Lines {
  at = 0;
  /** Where the part begins that an error speaks of. */
  mark = 0;
  /** A read ran into the end. */
  isAtEnd = false;
  private readonly file: CheckedFile;
  private readonly buf = Buffer.allocUnsafeSlow(1 << 18);
  private base = 0;
  private length = 0;

  constructor(file: CheckedFile) {
    this.file = file;
  }

  get left(): number {
    return this.file.size - this.at;
  }

  peek(): number {
    if (!this.has()) {
      this.isAtEnd = true;
      return -1;
    }
    return this.buf[this.at - this.base]!;
  }

  /** Up to `max` bytes, a line end included; undefined at the end. */
  line(max: number): string | undefined {
    let text = '';
    while (text.length < max) {
      if (!this.has()) {
        this.isAtEnd = true;
        break;
      }
      const byte = this.buf[this.at++ - this.base]!;
      text += String.fromCharCode(byte);
      if (byte === 10) break;
    }
    return text === '' ? undefined : text;
  }

  take(bytes: number): string {
    let text = '';
    while (text.length < bytes && this.has()) {
      const from = this.at - this.base;
      const part = this.buf.toString('latin1', from, Math.min(this.length, from + bytes - text.length));
      text += part;
      this.at += part.length;
    }
    return text;
  }

  skip(bytes: number): void {
    this.at += bytes;
  }

  private has(): boolean {
    if (this.at >= this.base && this.at < this.base + this.length) return true;
    this.base = this.at;
    this.length = this.file.read(this.buf, this.at);
    return this.length > 0;
  }
}
