/**
 * ZUNION, ZINTER, ZDIFF, with STORE and CARD, over sorted sets and sets (whose members count 1).
 *
 * Results are made aside, as JavaScript values that end with the command. Sources are taken smallest first, as Redis
 * does, since sums of doubles depend on the order.
 */
import { TYPE_SET, TYPE_ZSET } from '@larder/store-datatypes';
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { WRONG_TYPE, keysByCount } from '@larder/store-dispatch';
import type { Args } from '@larder/store-resp';
import type { Slice } from '../element/slice';
import { SetContent, setsOf } from '../set/set-value';
import { storeScored } from './zset-key';
import { replyMembersHeader, replyScore } from './zset-reply';
import { ZsetContent, zsetsOf } from './zset-value';

type Operation = 'union' | 'inter' | 'diff';

interface Source {
  set: SetContent | null;
  zset: ZsetContent | null;
  size: number;
  weight: number;
}

class Sources {
  readonly list: Source[] = [];
  private readonly unit: Unit;

  constructor(unit: Unit) {
    this.unit = unit;
  }

  /** Takes arguments from … to − 1; false after answering WRONGTYPE. */
  read(from: number, to: number): boolean {
    const { unit } = this;
    const { keyspace, view } = unit;
    for (let i = from; i < to; i++) {
      const source: Source = { set: null, zset: null, size: 0, weight: 1 };
      this.list.push(source);
      if (unit.lookupRead(i) === 0) continue;
      if (view.type === TYPE_ZSET) {
        source.zset = zsetsOf(keyspace).load(new ZsetContent());
        source.size = zsetsOf(keyspace).count(source.zset);
      } else if (view.type === TYPE_SET) {
        source.set = setsOf(keyspace).load(new SetContent());
        source.size = setsOf(keyspace).count(source.set);
      } else {
        unit.reply.error(WRONG_TYPE);
        return false;
      }
    }
    return true;
  }

  each({ zset, set }: Source, visit: (member: Slice, score: number) => void): void {
    const { keyspace } = this.unit;
    if (zset !== null) zsetsOf(keyspace).walk(zset, 0, zsetsOf(keyspace).count(zset), false, visit);
    else if (set !== null) setsOf(keyspace).each(set, (member) => visit(member, 1));
  }

  /** A member's score, NaN when it is not there. */
  scoreOf({ zset, set }: Source, member: Slice): number {
    const { keyspace } = this.unit;
    const { bytes, off, length } = member;
    if (zset !== null) return zsetsOf(keyspace).find(zset, bytes, off, length) ? zsetsOf(keyspace).score : NaN;
    return set !== null && setsOf(keyspace).has(set, bytes, off, length) ? 1 : NaN;
  }
}

type Aggregate = (a: number, b: number) => number;

const AGGREGATES: Record<string, Aggregate> = {
  // +inf and -inf make nothing.
  sum: (a, b) => (a + b !== a + b ? 0 : a + b),
  min: (a, b) => (b < a ? b : a),
  max: (a, b) => (b > a ? b : a),
};

function weighed(score: number, weight: number): number {
  const product = score * weight;
  return product !== product ? 0 : product;
}

/** By member as latin1 text: one character a byte, so texts sort as bytes do. */
type Result = Map<string, number>;

function textOf(member: Slice): string {
  return member.bytes.toString('latin1', member.off, member.off + member.length);
}

function union(sources: Sources, aggregate: Aggregate): Result {
  const result: Result = new Map();
  for (const source of sources.list) {
    sources.each(source, (member, score) => {
      const text = textOf(member);
      const value = weighed(score, source.weight);
      const before = result.get(text);
      result.set(text, before === undefined ? value : aggregate(before, value));
    });
  }
  return result;
}

/** Common members; `limit` (0: none) ends the search early. */
function intersection(sources: Sources, aggregate: Aggregate, limit: number): Result {
  const result: Result = new Map();
  const [smallest, ...others] = sources.list;
  if (smallest!.size === 0) return result;
  sources.each(smallest!, (member, score) => {
    if (limit !== 0 && result.size >= limit) return;
    let value = weighed(score, smallest!.weight);
    for (const other of others) {
      const found = sources.scoreOf(other, member);
      if (found !== found) return;
      value = aggregate(value, found * other.weight);
    }
    result.set(textOf(member), value);
  });
  return result;
}

function difference(sources: Sources): Result {
  const result: Result = new Map();
  const [first, ...others] = sources.list;
  sources.each(first!, (member, score) => {
    for (const other of others) {
      const found = sources.scoreOf(other, member);
      if (found === found) return;
    }
    result.set(textOf(member), score);
  });
  return result;
}

function inOrder(result: Result): [string, number][] {
  return [...result].sort(([a, x], [b, y]) => (x === y ? (a < b ? -1 : 1) : x < y ? -1 : 1));
}

/** Options behind the keys. */
class Options {
  aggregate = AGGREGATES['sum']!;
  withScores = false;
  limit = 0;

  /** Reads arguments from `i`; false after answering an error. */
  read(unit: Unit, i: number, operation: Operation, isStore: boolean, isCard: boolean, sources: readonly Source[]): boolean {
    const { args, reply } = unit;
    const takesWeights = operation !== 'diff' && !isCard;
    while (i < args.count) {
      const left = args.count - i;
      if (takesWeights && left > sources.length && args.is(i, 'weights')) {
        for (const source of sources) {
          source.weight = unit.doubleArg(++i, 'ERR weight value is not a float');
          if (source.weight !== source.weight) return false;
        }
        i++;
      } else if (takesWeights && left >= 2 && args.is(i, 'aggregate')) {
        const aggregate = AGGREGATES[args.text(i + 1).toLowerCase()];
        if (aggregate === undefined) break;
        this.aggregate = aggregate;
        i += 2;
      } else if (!isStore && !isCard && args.is(i, 'withscores')) {
        this.withScores = true;
        i++;
      } else if (isCard && left >= 2 && args.is(i, 'limit')) {
        const NEGATIVE = "ERR LIMIT can't be negative";
        this.limit = unit.integerArg(i + 1, NEGATIVE);
        if (this.limit !== this.limit) return false;
        if (this.limit < 0) {
          reply.error(NEGATIVE);
          return false;
        }
        i += 2;
      } else break;
    }
    if (i < args.count) unit.syntaxError();
    return i >= args.count;
  }
}

function combining(operation: Operation, form: 'reply' | 'store' | 'card'): (unit: Unit) => void {
  const isStore = form === 'store';
  const at = isStore ? 2 : 1;
  return (unit) => {
    const { args, reply } = unit;
    const keys = unit.integerArg(at);
    if (keys !== keys) return;
    if (keys < 1) return reply.error(`ERR at least 1 input key is needed for '${unit.command.name}' command`);
    if (keys > args.count - at - 1) return unit.syntaxError();
    const sources = new Sources(unit);
    if (!sources.read(at + 1, at + 1 + keys)) return;
    const options = new Options();
    if (!options.read(unit, at + 1 + keys, operation, isStore, form === 'card', sources.list)) return;
    if (operation !== 'diff') sources.list.sort((a, b) => a.size - b.size);
    const result =
      operation === 'union'
        ? union(sources, options.aggregate)
        : operation === 'inter'
          ? intersection(sources, options.aggregate, options.limit)
          : difference(sources);
    if (form === 'card') return reply.integer(result.size);
    if (isStore) {
      const scored = inOrder(result).map(([text, score]) => ({ member: Buffer.from(text, 'latin1'), score }));
      return storeScored(unit, scored, unit.command.name);
    }
    replyMembersHeader(reply, result.size, options.withScores);
    for (const [text, score] of inOrder(result)) {
      if (options.withScores && reply.protocol === 3) reply.array(2);
      reply.bulkText(text);
      if (options.withScores) replyScore(reply, score);
    }
  };
}

/** The destination, then the sources. */
function storeKeys(args: Args, out: number[]): void {
  keysByCount(2)(args, out);
  if (out.length > 0) out.unshift(1);
}

export const zsetAlgebraCommands: readonly CommandRow[] = [
  { name: 'zunion', needs: 'keys', run: combining('union', 'reply'), findKeys: keysByCount(1) },
  { name: 'zinter', needs: 'keys', run: combining('inter', 'reply'), findKeys: keysByCount(1) },
  { name: 'zdiff', needs: 'keys', run: combining('diff', 'reply'), findKeys: keysByCount(1) },
  { name: 'zintercard', needs: 'keys', run: combining('inter', 'card'), findKeys: keysByCount(1) },
  { name: 'zunionstore', needs: 'keys', run: combining('union', 'store'), findKeys: storeKeys },
  { name: 'zinterstore', needs: 'keys', run: combining('inter', 'store'), findKeys: storeKeys },
  { name: 'zdiffstore', needs: 'keys', run: combining('diff', 'store'), findKeys: storeKeys },
];
