/**
 * Compares all that the two servers hold: key names, types, encodings, times to live and contents of every database,
 * that each server can restore what the other one dumps, and the digests that both make of all their data.
 */
import { canonical, isSame } from './normalise.ts';
import { shown } from './difference.ts';
import type { Difference } from './difference.ts';
import type { Pair } from './pair.ts';
import type { Command, RawClient, Reply } from '@larder/shared-testing';

const DATABASES = [0, 1, 2, 3, 15];
const RESTORED_MAX = 24;
const DIGEST_TRIES = 30;
const SCRATCH = '\x00scratch';

const CONTENT: Record<string, (key: string) => Command> = {
  string: (key) => ['GET', key],
  list: (key) => ['LRANGE', key, '0', '-1'],
  hash: (key) => ['HGETALL', key],
  set: (key) => ['SMEMBERS', key],
  zset: (key) => ['ZRANGE', key, '0', '-1', 'WITHSCORES'],
  stream: (key) => ['XINFO', 'STREAM', key, 'FULL', 'COUNT', '0'],
};

/** Where a command of CONTENT names its key. */
const keyAt = (command: Command): number => (command[0] === 'XINFO' ? 2 : 1);
const keyIn = (command: Command): string => command[keyAt(command)]!;
const withKey = (command: Command, key: string): Command => command.with(keyAt(command), key);

export async function checkState(pair: Pair, stepIndex: number, known: (command: string) => boolean): Promise<Difference | undefined> {
  if (!known('KEYS') || !known('TYPE')) return undefined;
  const { reference, target } = await pair.controls();
  const both = async (commands: readonly Command[]): Promise<[Reply[], Reply[]]> => Promise.all([reference.pipeline(commands), target.pipeline(commands)]);
  const told = (command: Command, left: string, right: string, note?: string): Difference => ({
    stepIndex, command, kind: 'state', reference: shown(left), target: shown(right), ...(note === undefined ? {} : { note }),
  });

  const first = async (commands: readonly Command[], note: string): Promise<Difference | undefined> => {
    const [left, right] = await both(commands);
    for (const [at, command] of commands.entries()) {
      const [a, b] = [left[at]!, right[at]!];
      if (!a.raw.equals(b.raw) && !isSame(a.value(), b.value(), command, [])) return told(command, a.raw.toString('latin1'), b.raw.toString('latin1'), note);
    }
    return undefined;
  };

  try {
    for (const database of DATABASES) {
      const note = `database ${database}`;
      await both([['SELECT', String(database)]]);
      const [[left], [right]] = await both([['KEYS', '*']]);
      const names = (reply: Reply): string[] => reply.value().items.map((item) => item.text).sort();
      const [here, there] = [names(left!), names(right!)];
      if (here.join('\n') !== there.join('\n')) return told(['KEYS', '*'], here.join(' '), there.join(' '), note);
      const looks = here.flatMap((key) => [
        ['TYPE', key],
        ...(known('OBJECT ENCODING') ? [['OBJECT', 'ENCODING', key]] : []),
        ...(known('PEXPIRETIME') ? [['PEXPIRETIME', key]] : []),
        ...(known('DUMP') ? [['DUMP', key]] : []),
      ]);
      const types = await contentCommands(reference, here);
      const difference = (await first(types, note)) ?? (await first(looks, note));
      if (difference !== undefined) return difference;
      if (known('DUMP') && known('RESTORE')) {
        const unlike = await checkExchange(reference, target, types.slice(0, RESTORED_MAX), told);
        if (unlike !== undefined) return unlike;
      }
    }
    if (known('DEBUG')) return await checkDigests(reference, target, told);
  } catch (error) {
    return { stepIndex, command: ['KEYS', '*'], kind: 'lost', reference: '(state)', target: String(error) };
  }
  return undefined;
}

async function contentCommands(reference: RawClient, keys: readonly string[]): Promise<Command[]> {
  const types = await reference.pipeline(keys.map((key) => ['TYPE', key]));
  return keys.flatMap((key, at) => {
    const make = CONTENT[types[at]!.value().text];
    return make === undefined ? [] : [make(key)];
  });
}

/** Keys whose time is over but that nobody looked at are part of a digest until they are swept away: a little patience. */
async function checkDigests(reference: RawClient, target: RawClient, told: (command: Command, left: string, right: string) => Difference): Promise<Difference | undefined> {
  const command = ['DEBUG', 'DIGEST'];
  for (let tries = 0; ; tries++) {
    const [left, right] = await Promise.all([reference.command(...command), target.command(...command)]);
    const isRefused = left.raw.includes('not allowed') || right.raw.includes('not allowed');
    if (isRefused || left.raw.equals(right.raw)) return undefined;
    if (tries === DIGEST_TRIES) return told(command, left.raw.toString('latin1'), right.raw.toString('latin1'));
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

/** What one server dumps, the other one restores; and it reads the same. */
async function checkExchange(
  reference: RawClient,
  target: RawClient,
  contents: readonly Command[],
  told: (command: Command, left: string, right: string, note?: string) => Difference,
): Promise<Difference | undefined> {
  for (const [from, to, name] of [[target, reference, 'dumped by the target, restored by the reference'], [reference, target, 'dumped by the reference, restored by the target']] as const) {
    const dumps = await from.pipeline(contents.map((command) => ['DUMP', keyIn(command)]));
    const restores: Command[] = contents.map((_command, at) => ['RESTORE', `${SCRATCH}${at}`, '0', dumps[at]!.value().text]);
    const restored = await to.pipeline(restores);
    const read = await to.pipeline(contents.map((command, at) => withKey(command, `${SCRATCH}${at}`)));
    await to.pipeline(contents.map((_command, at) => ['DEL', `${SCRATCH}${at}`]));
    const original = await reference.pipeline(contents);
    for (const [at, command] of contents.entries()) {
      if (restored[at]!.value().type === '-') return told(['RESTORE', keyIn(command), '0', restores[at]![3]!], '+OK', restored[at]!.value().text, name);
      if (!isSame(original[at]!.value(), read[at]!.value(), command, []) && withoutMinusZero(original[at]!) !== withoutMinusZero(read[at]!)) {
        return told(command, canonical(original[at]!.value()), canonical(read[at]!.value()), name);
      }
    }
  }
  return undefined;
}

/** redis-server itself forgets the sign of a score -0 when RESTORE makes a listpack of a skip list. */
function withoutMinusZero(reply: Reply): string {
  return canonical(reply.value()).replaceAll('"-0"', '"0"');
}
