/** What stands in append-only files: commands in order, told apart by the database they run in, in a form that two servers share. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface WrittenCommand {
  readonly database: number;
  readonly words: readonly string[];
}

/** Commands of one file's bytes, without SELECT and annotations. */
export function commandsOf(bytes: Buffer): WrittenCommand[] {
  const commands: WrittenCommand[] = [];
  let database = 0;
  let at = 0;
  const line = (): string => {
    const end = bytes.indexOf('\r\n', at);
    if (end < 0) throw new Error(`the file ends within a line, at byte ${at}`);
    const text = bytes.toString('latin1', at, end);
    at = end + 2;
    return text;
  };
  while (at < bytes.length) {
    const head = line();
    if (head.startsWith('#')) continue;
    if (!head.startsWith('*')) throw new Error(`no command at byte ${at - head.length - 2}`);
    const words = Array.from({ length: Number(head.slice(1)) }, () => {
      const length = Number(line().slice(1));
      const word = bytes.toString('latin1', at, at + length);
      at += length + 2;
      return word;
    });
    if (words[0]!.toLowerCase() === 'select') database = Number(words[1]);
    else commands.push({ database, words });
  }
  return commands;
}

/** The increments that the manifest names, in order. */
export function incrementsOf(folder: string, prefix = 'appendonly.aof'): Buffer {
  const manifest = readFileSync(join(folder, `${prefix}.manifest`), 'latin1');
  const names = manifest.split('\n').filter((text) => / type i$/.test(text)).map((text) => text.split(' ')[1]!);
  return Buffer.concat(names.map((name) => readFileSync(join(folder, name))));
}

/** A command as text; ids of streams that were made from the clock are all the same. */
export function shownCommand({ database, words }: WrittenCommand): string {
  return `${database}: ${[words[0]!.toUpperCase(), ...words.slice(1).map((word) => JSON.stringify(word).replace(/^"\d{13}-\d+"$/, '<id>'))].join(' ')}`;
}

const MOMENT = /\b\d{13}\b/g;
const APART_MS_MAX = 10_000;

/** Two servers do not run a command in the same millisecond: moments may differ a little. */
export function isSame(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  return a.every((text, i) => {
    const other = b[i]!;
    if (text === other) return true;
    if (text.replace(MOMENT, '<moment>') !== other.replace(MOMENT, '<moment>')) return false;
    const moments = (of: string) => [...of.matchAll(MOMENT)].map(([digits]) => Number(digits));
    const theirs = moments(other);
    return moments(text).every((moment, at) => Math.abs(moment - theirs[at]!) < APART_MS_MAX);
  });
}

/**
 * Left out of the comparison: when a key past its time is deleted (`mayDelete` says of which keys a deletion counts, as JSON; '' is no
 * deletion), and what larder-server writes in addition, knowingly:
 * how many entries a group has read, which XCLAIM does not carry, and consumers made by reading their own history; both
 * redis-server forgets when it loads.
 */
export function essence(commands: readonly string[], mayDelete: (key: string) => boolean): string[] {
  const kept = commands.filter((text, i) => {
    if (/^\d+: XGROUP "SETID" .* "ENTRIESREAD" "-?\d+"$/.test(text) && /^\d+: XCLAIM /.test(commands[i - 1] ?? '')) return false;
    return !/^\d+: XGROUP "CREATECONSUMER" /.test(text) && mayDelete(deletedBy(text)) && !commands.slice(i + 1).some((later) => isMadeAnew(deletedBy(text), later));
  });
  return kept.length === commands.length ? kept : withoutEmptyUnits(kept);
}

/** The key that a command deletes, as JSON, or ''. */
function deletedBy(text: string): string {
  return /^\d+: DEL ("[^"]*")$/.exec(text)?.[1] ?? '';
}

/** A key past its time goes right before it is written again, or has gone some moments earlier. */
function isMadeAnew(key: string, later: string): boolean {
  return key !== '' && later.includes(` ${key} `) && !/^\d+: DEL /.test(later);
}

/** After something was left out: a transaction of one command or none is no longer one. */
function withoutEmptyUnits(commands: readonly string[]): string[] {
  const found: string[] = [];
  for (const text of commands) {
    const opened = found.findLastIndex((earlier) => / MULTI$/.test(earlier));
    if (!/ EXEC$/.test(text) || opened < Math.max(0, found.length - 2)) found.push(text);
    else found.splice(opened, 1);
  }
  return found;
}
