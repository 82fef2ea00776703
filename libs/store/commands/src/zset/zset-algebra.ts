/**
 * ZUNION, ZINTER, ZDIFF, with STORE and CARD, over sorted sets and sets (whose members count 1).
 *
 * Results are made aside, in a Gathered. Sources are taken smallest first, as Redis
 * does, since sums of doubles depend on the order.
 */
import { TYPE_SET, TYPE_ZSET } from '@larder/store-datatypes';
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { WRONG_TYPE, keysByCount } from '@larder/store-dispatch';
import type { Args } from '@larder/store-resp';
import { Gathered } from '../element/gathered';
import type { Slice } from '../element/slice';
import { SetContent, setsOf } from '../set/set-value';
import { storeGathered } from './zset-key';
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

  get keyspace(): Unit['keyspace'] {
    return this.unit.keyspace;
  }

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

/** The result of the command that runs. */
const result = new Gathered();

function union(sources: Sources, aggregate: Aggregate): void {
  const { hashing } = sources.keyspace;
  const list = sources.list.filter(({ size }) => size > 0);
  const largest = list.at(-1);
  if (largest === undefined) return;
  if (list.length > 1) result.index(list.reduce((sum, { size }) => sum + size, 0));
  for (const source of list) {
    // Nobody looks for what only the last one has.
    const isFindable = source !== largest;
    sources.each(source, (member, score) => {
      const value = weighed(score, source.weight);
      if (list.length === 1) return result.add(member, value);
      const hash = hashing.of(member.bytes, member.off, member.length);
      const found = result.find(member, hash);
      if (found >= 0) result.score[found] = aggregate(result.score[found]!, value);
      else if (isFindable) result.addHashed(member, hash, value);
      else result.add(member, value);
    });
  }
}

/** Common members; `limit` (0: none) ends the search early. */
function intersection(sources: Sources, aggregate: Aggregate, limit: number): void {
  const [smallest, ...others] = sources.list;
  if (smallest!.size === 0) return;
  sources.each(smallest!, (member, score) => {
    if (limit !== 0 && result.count >= limit) return;
    let value = weighed(score, smallest!.weight);
    for (const other of others) {
      const found = sources.scoreOf(other, member);
      if (found !== found) return;
      value = aggregate(value, found * other.weight);
    }
    result.add(member, value);
  });
}

function difference(sources: Sources): void {
  const [first, ...others] = sources.list;
  sources.each(first!, (member, score) => {
    for (const other of others) {
      const found = sources.scoreOf(other, member);
      if (found === found) return;
    }
    result.add(member, score);
  });
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
    result.clear();
    if (operation === 'union') union(sources, options.aggregate);
    else if (operation === 'inter') intersection(sources, options.aggregate, options.limit);
    else difference(sources);
    if (form === 'card') return reply.integer(result.count);
    if (isStore) return storeGathered(unit, result, unit.command.name);
    const { bytes, off, length, score } = result;
    replyMembersHeader(reply, result.count, options.withScores);
    for (const i of result.inOrder()) {
      if (options.withScores && reply.protocol === 3) reply.array(2);
      reply.bulk(bytes, off[i]!, length[i]!);
      if (options.withScores) replyScore(reply, score[i]!);
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
