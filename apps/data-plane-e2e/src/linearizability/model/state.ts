/**
 * The state of a small Redis, for the checker: never changed in place, and equal states have equal text.
 *
 * A `Step` is one command at work: it sees the state, writes what it changes to a copy, and that copy is the next state. `put`
 * and `drop` are what Redis calls a modified key: they spoil the transactions of who watches it.
 */
export type Value =
  | { readonly type: 'string'; readonly content: string; /** The operation whose expiry it carries. */ readonly expiry?: string }
  | { readonly type: 'list'; readonly content: readonly string[] }
  | { readonly type: 'hash'; readonly content: ReadonlyMap<string, string> }
  | { readonly type: 'set'; readonly content: ReadonlySet<string> }
  | { readonly type: 'zset'; readonly content: ReadonlyMap<string, number> };

export type ValueType = Value['type'];

interface Contents {
  readonly string: string;
  readonly list: readonly string[];
  readonly hash: ReadonlyMap<string, string>;
  readonly set: ReadonlySet<string>;
  readonly zset: ReadonlyMap<string, number>;
}

interface Watch {
  readonly keys: readonly string[];
  readonly isSpoiled: boolean;
}

export class State {
  static readonly empty = new State(new Map(), new Map());
  readonly keys: ReadonlyMap<string, Value>;
  readonly watches: ReadonlyMap<number, Watch>;
  private cachedText: string | undefined;

  constructor(keys: ReadonlyMap<string, Value>, watches: ReadonlyMap<number, Watch>) {
    this.keys = keys;
    this.watches = watches;
  }

  /** Equal for equal states. */
  get text(): string {
    if (this.cachedText === undefined) {
      const keys = [...this.keys].map(([key, value]) => `${key}=${valueText(value)}`).sort();
      const watches = [...this.watches].map(([client, watch]) => `${client}:${watch.keys.join()}:${watch.isSpoiled}`).sort();
      this.cachedText = `${keys.join('\n')}${watches.length > 0 ? `\n\0${watches.join('\n')}` : ''}`;
    }
    return this.cachedText;
  }

  /** For people. */
  describe(): string {
    return this.keys.size === 0 ? '(empty)' : [...this.keys].map(([key, value]) => `${key} = ${valueText(value)}`).sort().join(', ');
  }
}

const texts = new WeakMap<Value, string>();

export function valueText(value: Value): string {
  let text = texts.get(value);
  if (text === undefined) texts.set(value, (text = makeText(value)));
  return text;
}

function makeText(value: Value): string {
  switch (value.type) {
    case 'string':
      return `"${value.content}"${value.expiry === undefined ? '' : ` until ${value.expiry}`}`;
    case 'list':
      return `[${value.content.join(' ')}]`;
    case 'set':
      return `{${[...value.content].sort().join(' ')}}`;
    case 'hash':
    case 'zset':
      return `{${[...value.content].map(([name, each]) => `${name}:${each}`).sort().join(' ')}}`;
  }
}

export class Step {
  private keys: Map<string, Value> | undefined;
  private watches: Map<number, Watch> | undefined;
  private readonly from: State;

  constructor(from: State) {
    this.from = from;
  }

  get next(): State {
    if (this.keys === undefined && this.watches === undefined) return this.from;
    return new State(this.keys ?? this.from.keys, this.watches ?? this.from.watches);
  }

  get(key: string): Value | undefined {
    return (this.keys ?? this.from.keys).get(key);
  }

  /** @throws WrongType, as the command would answer */
  typed<T extends ValueType>(key: string, type: T): Contents[T] | undefined {
    const value = this.get(key);
    if (value === undefined) return undefined;
    if (value.type !== type) throw new WrongType();
    return value.content as Contents[T];
  }

  put(key: string, value: Value): void {
    (this.keys ??= new Map(this.from.keys)).set(key, value);
    this.spoil(key);
  }

  drop(key: string): boolean {
    if (this.get(key) === undefined) return false;
    (this.keys ??= new Map(this.from.keys)).delete(key);
    this.spoil(key);
    return true;
  }

  watch(client: number, keys: readonly string[]): void {
    this.watches ??= new Map(this.from.watches);
    const before = this.watches.get(client);
    this.watches.set(client, { keys: [...(before?.keys ?? []), ...keys].sort(), isSpoiled: before?.isSpoiled ?? false });
  }

  /** Ends the watches of a client; true when one was spoiled. */
  unwatch(client: number): boolean {
    const watch = (this.watches ?? this.from.watches).get(client);
    if (watch === undefined) return false;
    (this.watches ??= new Map(this.from.watches)).delete(client);
    return watch.isSpoiled;
  }

  private spoil(key: string): void {
    for (const [client, watch] of this.watches ?? this.from.watches) {
      if (watch.isSpoiled || !watch.keys.includes(key)) continue;
      (this.watches ??= new Map(this.from.watches)).set(client, { ...watch, isSpoiled: true });
    }
  }
}

export class WrongType extends Error {
  constructor() {
    super('WRONGTYPE Operation against a key holding the wrong kind of value');
  }
}
