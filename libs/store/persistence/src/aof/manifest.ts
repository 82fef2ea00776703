/**
 * The manifest of a multi-part append-only file: which files make up the data set, and in which order they are loaded.
 *
 *   appendonlydir/appendonly.aof.manifest
 *     file appendonly.aof.2.base.rdb seq 2 type b      the state at the last rewrite
 *     file appendonly.aof.1.base.rdb seq 1 type h      history: made superfluous by it, to be deleted
 *     file appendonly.aof.4.incr.aof seq 4 type i      what was written since, in rising order; the last one is open
 *
 * Manifests are values: every change makes a new one, which counts once its text has replaced the old file. Whoever dies
 * before that leaves the old state, and files that no manifest names.
 */

export type AofFileType = 'b' | 'h' | 'i';

export interface AofFile {
  readonly name: string;
  readonly seq: number;
  readonly type: AofFileType;
}

export interface AofManifest {
  readonly base: AofFile | undefined;
  readonly history: readonly AofFile[];
  readonly increments: readonly AofFile[];
  /** The highest numbers given so far: a number is never used twice. */
  readonly baseSeq: number;
  readonly incrementSeq: number;
}

export interface ManifestFault {
  /** In the words of Redis. */
  readonly reason: string;
  /** Of the line that is wrong; undefined when it is the file. */
  readonly line?: { readonly number: number; readonly text: string };
}

export type ManifestRead = { readonly manifest: AofManifest; readonly fault?: undefined } | { readonly fault: ManifestFault };

export const EMPTY_MANIFEST: AofManifest = { base: undefined, history: [], increments: [], baseSeq: 0, incrementSeq: 0 };

const LINE_BYTES_MAX = 1024;

/** Names of the files, from the setting `appendfilename`. */
export const aofNames = {
  manifest: (prefix: string) => `${prefix}.manifest`,
  temporaryManifest: (prefix: string) => `temp-${prefix}.manifest`,
  base: (prefix: string, seq: number, format: 'rdb' | 'aof') => `${prefix}.${seq}.base.${format}`,
  increment: (prefix: string, seq: number) => `${prefix}.${seq}.incr.aof`,
  /** Collects writes while the first base file is made, after `appendonly` was switched on. */
  temporaryIncrement: (prefix: string) => `temp-${prefix}.incr`,
};

/** Reads a manifest; `text` is byte text. */
export function parseManifest(text: string): ManifestRead {
  if (text === '') return { fault: { reason: 'Found an empty AOF manifest' } };
  let base: AofFile | undefined;
  const history: AofFile[] = [];
  const increments: AofFile[] = [];
  let number = 0;
  for (const raw of linesOf(text)) {
    number++;
    if (raw.startsWith('#')) continue;
    // As Redis: such a line is not shown.
    if (!raw.endsWith('\n')) return { fault: { reason: 'The AOF manifest file contains too long line' } };
    const line = raw.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
    const failed = (reason: string): ManifestRead => ({ fault: { reason, line: { number, text: line } } });
    const words = splitWords(line);
    if (words === undefined || words.length < 6 || words.length % 2 === 1) return failed('Invalid AOF manifest file format');
    let name = '';
    let seq = 0;
    let type = '';
    for (let i = 0; i < words.length; i += 2) {
      const key = words[i]!.toLowerCase();
      const value = words[i + 1]!;
      if (key === 'file') {
        name = value;
        if (/[/\\]/.test(name)) return failed("File can't be a path, just a filename");
      } else if (key === 'seq') seq = Number(/^\s*[-+]?\d+/.exec(value)?.[0] ?? 0);
      else if (key === 'type') type = value.charAt(0);
    }
    if (name === '' || seq === 0 || type === '') return failed('Invalid AOF manifest file format');
    if (type === 'b') {
      if (base !== undefined) return failed('Found duplicate base file information');
      base = { name, seq, type };
    } else if (type === 'h') history.push({ name, seq, type });
    else if (type === 'i') {
      if (seq <= (increments.at(-1)?.seq ?? 0)) return failed('Found a non-monotonic sequence number');
      increments.push({ name, seq, type });
    } else return failed('Unknown AOF file type');
  }
  return { manifest: { base, history, increments, baseSeq: base?.seq ?? 0, incrementSeq: increments.at(-1)?.seq ?? 0 } };
}

/** Lines with their line ends, cut where a reader with a buffer of 1,024 bytes cuts them. */
function* linesOf(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at);
    const next = Math.min(end < 0 ? text.length : end + 1, at + LINE_BYTES_MAX);
    yield text.slice(at, next);
    at = next;
  }
}

export function formatManifest({ base, history, increments }: AofManifest): string {
  return [...(base === undefined ? [] : [base]), ...history, ...increments]
    .map(({ name, seq, type }) => `file ${shownName(name)} seq ${seq} type ${type}\n`)
    .join('');
}

/** The log lines with which a manifest is refused. */
export function manifestFaultLines({ reason, line }: ManifestFault): string[] {
  return [
    '\n*** FATAL AOF MANIFEST FILE ERROR ***\n',
    ...(line === undefined ? [] : [`Reading the manifest file, at line ${line.number}\n`, `>>> '${line.text}'\n`]),
    `${reason}\n`,
  ];
}

/** A new base file; the old one becomes history. */
export function withNewBase(manifest: AofManifest, prefix: string, format: 'rdb' | 'aof'): AofManifest {
  const seq = manifest.baseSeq + 1;
  const old: AofFile[] = manifest.base === undefined ? [] : [{ ...manifest.base, type: 'h' }];
  return { ...manifest, base: { name: aofNames.base(prefix, seq, format), seq, type: 'b' }, history: [...old, ...manifest.history], baseSeq: seq };
}

/** One more increment at the end. */
export function withNewIncrement(manifest: AofManifest, prefix: string): AofManifest {
  const seq = manifest.incrementSeq + 1;
  return { ...manifest, increments: [...manifest.increments, { name: aofNames.increment(prefix, seq), seq, type: 'i' }], incrementSeq: seq };
}

/** Increments before the last `kept` ones are in the base now: they become history. */
export function withRewritten(manifest: AofManifest, kept: number): AofManifest {
  const cut = manifest.increments.length - kept;
  const done = manifest.increments.slice(0, cut).map((file): AofFile => ({ ...file, type: 'h' }));
  return { ...manifest, history: [...done.reverse(), ...manifest.history], increments: manifest.increments.slice(cut) };
}

export function withoutHistory(manifest: AofManifest): AofManifest {
  return { ...manifest, history: [] };
}

/** A name with blanks, quotes or bytes that do not print is written in quotes with escapes. */
function shownName(name: string): string {
  if (!/[^\x21\x23-\x26\x28-\x5b\x5d-\x7e]/.test(name)) return name;
  const escapes: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\x07': '\\a', '\b': '\\b', '"': '\\"', '\\': '\\\\' };
  const shown = name.replace(/["\\]|[^\x20-\x7e]/g, (c) => escapes[c] ?? `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return `"${shown}"`;
}

/** Words of a line with "…" (escapes) and '…'; undefined when quotes do not match. */
function splitWords(line: string): string[] | undefined {
  const words: string[] = [];
  const unescaped: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' };
  let i = 0;
  const isSpace = (c: string | undefined) => c !== undefined && /[ \t-\r]/.test(c);
  for (;;) {
    while (isSpace(line[i])) i++;
    if (i >= line.length) return words;
    let word = '';
    let quote = '';
    for (; ; i++) {
      const c = line[i];
      if (quote === '') {
        if (c === undefined || isSpace(c)) break;
        if (c === '"' || c === "'") quote = c;
        else word += c;
      } else if (c === undefined) return undefined;
      else if (c === quote) {
        i++;
        if (i < line.length && !isSpace(line[i])) return undefined;
        break;
      } else if (c === '\\' && quote === '"' && i + 1 < line.length) {
        const hex = /^x[0-9a-fA-F]{2}/.exec(line.slice(i + 1, i + 4));
        if (hex !== null) {
          word += String.fromCharCode(parseInt(line.slice(i + 2, i + 4), 16));
          i += 3;
        } else {
          i++;
          word += unescaped[line[i]!] ?? line[i]!;
        }
      } else if (c === '\\' && quote === "'" && line[i + 1] === "'") {
        word += "'";
        i++;
      } else word += c;
    }
    words.push(word);
  }
}
