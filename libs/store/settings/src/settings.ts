/**
 * The current value of every setting in one server (or one thread of it).
 *
 * Reading is cheap: `number('maxmemory')` is one Map lookup, and a hot path holds on to the `cell` and reads
 * `cell.value`, one property. Cells live as long as the Settings; a change writes into the same cell.
 *
 * CONFIG SET (`set`) is all or nothing:
 *
 *     names → access → all values parsed and stored → listeners, each once → done
 *                            │ refused                    │ refused
 *                            └── old values back          └── old values back, listeners run so far run again
 *
 * Listeners read the Settings themselves and make the world match (level, not edge), so running one again after
 * a rollback is the undo.
 *
 * All text is byte text (byte-text.ts).
 */

import { lowerAscii, toUtf8, untilNul } from './byte-text';
import { formatValue, isMulti, parseValue } from './kinds';
import { isPattern, matchesName } from './name-pattern';
import type { Origin, SettingRow } from './row';
import { settingRows } from './table';
import type { FlagName, NumberName, SettingName, StructuredName, StructuredValue, TextName } from './table';

/** Where a value lives. `value` is ready to use; `stored` is exact (numbers as bigint). */
export interface Cell<Value> {
  readonly value: Value;
}

/** Makes the world match the settings; words refuse the change and have it rolled back. */
export type SettingListener = (settings: Settings) => string | undefined | void;

export interface SetContext {
  /** Whether the data set is being loaded. */
  readonly isLoading?: boolean;
  /** Whether the client comes from this host: `enable-protected-configs local` lets only those through. */
  readonly isLocalClient?: boolean;
}

export interface SettingsOptions {
  /** The absolute working directory, which `dir` shows until it is changed. */
  readonly directory?: string;
  /** Sentinels listen on another port and without protected mode. */
  readonly isSentinel?: boolean;
}

interface Slot {
  readonly row: SettingRow;
  value: unknown;
  stored: unknown;
}

const SENTINEL_PORT = '26379';
const LOADING = 'LOADING Redis is loading the dataset in memory';
const FROM_COMMAND: Origin = { from: 'command' };

export class Settings {
  /** By name and by alias, in table order. */
  private readonly slots = new Map<string, Slot>();
  private readonly listeners = new Map<Slot, SettingListener[]>();
  private readonly seenInFile = new Set<Slot>();

  constructor(options: SettingsOptions = {}) {
    for (const row of settingRows) {
      const slot: Slot = { row, value: undefined, stored: undefined };
      store(slot, row.initial);
      this.slots.set(row.name, slot);
      if (row.alias !== undefined) this.slots.set(row.alias, slot);
    }
    if (options.directory !== undefined) this.assign('dir', options.directory);
    if (options.isSentinel) {
      this.assign('port', SENTINEL_PORT);
      this.assign('protected-mode', 'no');
    }
  }

  flag(name: FlagName): boolean {
    return this.slots.get(name)!.value as boolean;
  }

  /** As a double: exact up to 2^53. A percentage (maxmemory-clients) is negative. */
  number(name: NumberName): number {
    return this.slots.get(name)!.value as number;
  }

  /** Byte text; '' where nothing is set. */
  text(name: TextName): string {
    return this.slots.get(name)!.value as string;
  }

  /** A text setting as an ordinary string: paths, host names. */
  path(name: TextName): string {
    return toUtf8(this.text(name));
  }

  value<N extends StructuredName>(name: N): StructuredValue<N> {
    return this.slots.get(name)!.value as StructuredValue<N>;
  }

  flagCell(name: FlagName): Cell<boolean> {
    return this.slots.get(name)! as Slot & Cell<boolean>;
  }

  numberCell(name: NumberName): Cell<number> {
    return this.slots.get(name)! as Slot & Cell<number>;
  }

  textCell(name: TextName): Cell<string> {
    return this.slots.get(name)! as Slot & Cell<string>;
  }

  /** As CONFIG GET shows it, whatever its kind. */
  shown(name: SettingName): string {
    const slot = this.slots.get(name)!;
    return formatValue(slot.row, slot.stored);
  }

  /** The exact value: numbers as bigint. */
  exact(name: SettingName): unknown {
    return this.slots.get(name)!.stored;
  }

  /** The row behind a name or alias in any case. */
  row(name: string): SettingRow | undefined {
    return this.find(name)?.row;
  }

  /** CONFIG GET: exact names first come as asked and in the asker's spelling; patterns add names in table order. */
  get(patterns: readonly string[]): [name: string, value: string][] {
    const found = new Map<string, [string, string]>();
    for (const given of patterns) {
      const pattern = untilNul(given);
      if (!isPattern(pattern)) {
        const slot = this.find(given);
        const key = lowerAscii(given);
        if (slot && !found.has(key)) found.set(key, [given, formatValue(slot.row, slot.stored)]);
        continue;
      }
      for (const [name, slot] of this.slots) {
        if (slot.row.isHidden || found.has(name) || !matchesName(pattern, name)) continue;
        found.set(name, [name, formatValue(slot.row, slot.stored)]);
      }
    }
    return [...found.values()];
  }

  /**
   * CONFIG SET name value [name value …]. Returns the error reply without its leading minus, or undefined for OK.
   */
  set(args: readonly string[], context: SetContext = {}): string | undefined {
    if (args.length % 2 === 1) return 'ERR syntax error';
    const changes: Change[] = [];
    for (let at = 0; at < args.length; at += 2) {
      const name = args[at]!;
      const slot = this.find(name);
      if (!slot) return oneLine(`ERR Unknown option or number of arguments for CONFIG SET - '${untilNul(name)}'`);
      const refused = this.refuseAccess(slot, context);
      if (refused !== undefined) return refused === LOADING ? LOADING : failed(name, refused);
      // An alias and its setting are two names to Redis: naming both is allowed, the later one wins.
      const key = lowerAscii(name);
      if (changes.some((change) => change.key === key)) return failed(name, 'duplicate parameter');
      changes.push({ key, slot, text: args[at + 1]!, before: slot.stored });
    }

    const triggers = new Map<SettingListener, string>();
    for (const [index, { key, slot, text }] of changes.entries()) {
      const parsed = parseValue(slot.row, argumentsOf(slot.row, text), slot.stored, FROM_COMMAND);
      if ('refused' in parsed) {
        rollBack(changes.slice(0, index + 1));
        return failed(key, parsed.refused);
      }
      const before = slot.stored;
      store(slot, parsed.value);
      if (isSame(before, slot.stored) && !slot.row.isReapplied) continue;
      for (const listener of this.listeners.get(slot) ?? []) if (!triggers.has(listener)) triggers.set(listener, key);
    }
    return this.applyChanges(changes, triggers);
  }

  /** Runs when one of the settings changed by CONFIG SET; registered for several, it runs once per command. */
  onChange(names: SettingName | readonly SettingName[], listener: SettingListener): void {
    for (const name of typeof names === 'string' ? [names] : names) {
      const slot = this.slots.get(name)!;
      this.listeners.set(slot, [...(this.listeners.get(slot) ?? []), listener]);
    }
  }

  /**
   * The server's own change (REPLICAOF writes `replicaof`, an entered directory its absolute path): no access
   * check, no listeners. Returns why it was refused.
   */
  assign(name: SettingName, ...args: string[]): string | undefined {
    return this.storeParsed(this.slots.get(name)!, args, FROM_COMMAND);
  }

  /** One directive of a configuration file, whose first appearance may replace a default that later ones add to. */
  load(row: SettingRow, args: readonly string[]): string | undefined {
    const slot = this.slots.get(row.name)!;
    const isFirst = !this.seenInFile.has(slot);
    const refused = this.storeParsed(slot, args, { from: 'file', isFirst });
    if (refused === undefined) this.seenInFile.add(slot);
    return refused;
  }

  /** Every value by name, for another thread's Settings to adopt; it survives structured cloning. */
  capture(): ReadonlyMap<string, unknown> {
    return new Map(settingRows.map((row) => [row.name, this.slots.get(row.name)!.stored]));
  }

  /** Takes over values captured elsewhere, without listeners. */
  adopt(captured: ReadonlyMap<string, unknown>): void {
    for (const [name, stored] of captured) {
      const slot = this.slots.get(name);
      if (slot) store(slot, stored);
    }
  }

  private applyChanges(changes: readonly Change[], triggers: ReadonlyMap<SettingListener, string>): string | undefined {
    const applied: SettingListener[] = [];
    for (const [listener, key] of triggers) {
      applied.push(listener);
      const refused = listener(this);
      if (typeof refused !== 'string') continue;
      rollBack(changes);
      for (const again of applied) again(this);
      return failed(key, refused);
    }
    return undefined;
  }

  private refuseAccess(slot: Slot, context: SetContext): string | undefined {
    const { access, isDeniedWhileLoading } = slot.row;
    if (access === 'immutable') return "can't set immutable config";
    if (access === 'protected') {
      const allowed = this.text('enable-protected-configs');
      const isAllowed = allowed === 'yes' || (allowed === 'local' && context.isLocalClient === true);
      if (!isAllowed) return "can't set protected config";
    }
    return isDeniedWhileLoading && context.isLoading ? LOADING : undefined;
  }

  private storeParsed(slot: Slot, args: readonly string[], origin: Origin): string | undefined {
    const parsed = parseValue(slot.row, args, slot.stored, origin);
    if ('refused' in parsed) return parsed.refused;
    store(slot, parsed.value);
    return undefined;
  }

  private find(name: string): Slot | undefined {
    return this.slots.get(name) ?? this.slots.get(lowerAscii(name));
  }
}

interface Change {
  /** The name as Redis' table has it: lower case, the alias where the alias was used. */
  readonly key: string;
  readonly slot: Slot;
  readonly text: string;
  readonly before: unknown;
}

function store(slot: Slot, stored: unknown): void {
  slot.stored = stored;
  slot.value = typeof stored === 'bigint' ? Number(stored) : stored;
}

/** Backwards, so that a setting changed under two names ends where it began. */
function rollBack(changes: readonly Change[]): void {
  for (const { slot, before } of changes.toReversed()) store(slot, before);
}

function isSame(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object') return one === other;
  return JSON.stringify(one) === JSON.stringify(other);
}

/** CONFIG SET takes one argument; settings with several split it at every single blank. */
function argumentsOf(row: SettingRow, text: string): string[] {
  if (!isMulti(row)) return [text];
  return text === '' ? [] : text.split(' ');
}

function failed(name: string, reason: string): string {
  return oneLine(`ERR CONFIG SET failed (possibly related to argument '${untilNul(name)}') - ${reason}`);
}

/** An error reply ends at its line end, so line breaks inside become blanks. */
function oneLine(text: string): string {
  return text.replace(/[\r\n]/g, ' ');
}
