/**
 * Runs steps on both servers and looks for the first difference.
 *
 * Consecutive steps of one protocol are sent as one pipeline, to both servers at the same time. Bytes are compared first;
 * replies are only parsed where bytes differ.
 */
import { encodeCommands, parseReply } from '@larder/shared-testing';
import type { Command, RawClient, ReplyValue } from '@larder/shared-testing';
import { replyText } from './difference.ts';
import type { Difference } from './difference.ts';
import { canonical, commandName, isSame, pairsOf, sameShape } from './normalise.ts';
import type { Pair } from './pair.ts';
import type { Step } from './step.ts';

const BATCH_COMMANDS_MAX = 50;
const WALK_PAGES_MAX = 5_000;

/** How the bytes of a pipeline go out; the partial-write test sends them piece by piece. */
export type Send = (client: RawClient, bytes: Buffer) => Promise<void> | void;
const sendWhole: Send = (client, bytes) => client.write(bytes);

export async function runSteps(pair: Pair, steps: readonly Step[], send: Send = sendWhole): Promise<Difference | undefined> {
  for (let from = 0; from < steps.length; ) {
    let to = from;
    let commands = 0;
    const { protocol } = steps[from]!;
    while (to < steps.length && steps[to]!.protocol === protocol && isPlain(steps[to]!) && commands < BATCH_COMMANDS_MAX) {
      commands += steps[to]!.commands.length;
      to++;
    }
    const difference = to === from ? await runSpecial(pair, steps[from]!, from, send) : await runBatch(pair, steps, from, to, send);
    if (difference !== undefined) return difference;
    from = Math.max(to, from + 1);
  }
  return undefined;
}

const isPlain = (step: Step): boolean => step.kind !== 'walk' && step.pauseMs === undefined;

async function exchangeBoth(pair: Pair, protocol: 2 | 3, commands: readonly Command[], send: Send): Promise<{ reference: Buffer[]; target: Buffer[] | Error }> {
  const { reference, target } = await pair.connections();
  const bytes = encodeCommands(commands);
  const ask = async (client: RawClient): Promise<Buffer[]> => {
    await send(client, bytes);
    return client.frames(commands.length);
  };
  const [left, right] = await Promise.all([ask(reference[protocol]), ask(target[protocol]).catch((error: unknown) => error as Error)]);
  return { reference: left, target: right };
}

async function runBatch(pair: Pair, steps: readonly Step[], from: number, to: number, send: Send): Promise<Difference | undefined> {
  const batch = steps.slice(from, to);
  const { protocol } = batch[0]!;
  const commands = batch.flatMap((step) => step.commands);
  const { reference, target } = await exchangeBoth(pair, protocol, commands, send);
  if (target instanceof Error) return lost(pair, from, to, batch, target);
  let at = 0;
  for (const [offset, step] of batch.entries()) {
    const left = reference.slice(at, at + step.commands.length);
    const right = target.slice(at, at + step.commands.length);
    at += step.commands.length;
    const difference = compareStep(step, left, right, from + offset);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

/** The target broke off inside the batch: the first command without a reply is the one to name. */
function lost(pair: Pair, from: number, to: number, batch: readonly Step[], error: Error): Difference {
  const came = Number(/(\d+) (?:of \d+ )?(?:replies )?came|: (\d+) of/.exec(error.message)?.[0].match(/\d+/)?.[0] ?? 0);
  let left = came;
  let stepIndex = to - 1;
  let command: Command = batch.at(-1)!.commands.at(-1)!;
  for (const [offset, step] of batch.entries()) {
    if (left < step.commands.length) {
      stepIndex = from + offset;
      command = step.commands[left]!;
      break;
    }
    left -= step.commands.length;
  }
  return { stepIndex, command, kind: 'lost', reference: '(a reply)', target: `${error.message} ${pair.targetEpitaph()}`.trim() };
}

function compareStep(step: Step, left: readonly Buffer[], right: readonly Buffer[], stepIndex: number): Difference | undefined {
  let queued: Command[] = [];
  for (const [at, command] of step.commands.entries()) {
    const [reference, target] = [left[at]!, right[at]!];
    const name = commandName(command);
    if (name === 'MULTI' && reference.equals(OK)) queued = [];
    const isBytesEqual = reference.equals(target);
    const isDrawn = step.kind === 'sample' && at === 1;
    if (!isBytesEqual && !(isDrawn ? sameShape(parseReply(reference), parseReply(target)) : isSame(parseReply(reference), parseReply(target), command, queued))) {
      return { stepIndex, command, kind: 'reply', reference: replyText(reference), target: replyText(target) };
    }
    if (reference.equals(QUEUED)) queued.push(command);
  }
  return step.kind === 'sample' && right.length > 1 ? checkSample(step, right, stepIndex) : undefined;
}

const OK = Buffer.from('+OK\r\n');
const QUEUED = Buffer.from('+QUEUED\r\n');

/** The second reply must be drawn from the first, without repeats unless the count was negative. */
function checkSample(step: Step, replies: readonly Buffer[], stepIndex: number): Difference | undefined {
  const [from, drawn] = [parseReply(replies[0]!), parseReply(replies[1]!)];
  if (from.type === '-' || drawn.type === '-' || drawn.isNull) return undefined;
  const command = step.commands[1]!;
  const isPairs = ['HRANDFIELD', 'ZRANDMEMBER'].includes(commandName(command));
  const pool = isPairs ? pairPool(from) : from.items.map(canonical);
  const isWithValues = /^WITH(VALUES|SCORES)$/i.test(command[3] ?? '');
  const chosen = drawn.items.length === 0 && drawn.type === '$' ? [canonical(drawn)] : isWithValues ? pairPool(drawn) : drawn.items.map(canonical);
  const choices = isPairs && !isWithValues ? pool.map((pair) => pair.split(' ')[0]!) : pool;
  const foreign = chosen.find((each) => !choices.includes(isPairs && !isWithValues ? each.split(' ')[0]! : each));
  const repeats = !(command[2] ?? '').startsWith('-') && new Set(chosen).size !== chosen.length;
  if (foreign === undefined && !repeats) return undefined;
  return {
    stepIndex, command, kind: 'reply', reference: `a choice from ${replyText(replies[0])}`, target: replyText(replies[1]),
    note: foreign === undefined ? 'something was chosen twice' : `${foreign} was not there`,
  };
}

/** Pairs whether flat (RESP2) or nested (RESP3). */
function pairPool(value: ReplyValue): string[] {
  if (value.items[0]?.type === '*') return value.items.map((pair) => pair.items.map(canonical).join(' '));
  return pairsOf(value);
}

async function runSpecial(pair: Pair, step: Step, stepIndex: number, send: Send): Promise<Difference | undefined> {
  if (step.kind === 'walk') return walk(pair, step, stepIndex);
  const first = await exchangeBoth(pair, step.protocol, step.commands.slice(0, 1), send);
  await new Promise((wake) => setTimeout(wake, step.pauseMs));
  const rest = await exchangeBoth(pair, step.protocol, step.commands.slice(1), send);
  if (first.target instanceof Error || rest.target instanceof Error) {
    return lost(pair, stepIndex, stepIndex + 1, [step], (first.target instanceof Error ? first.target : rest.target) as Error);
  }
  return compareStep(step, [...first.reference, ...rest.reference], [...first.target, ...rest.target], stepIndex);
}

/** Follows the cursor to its end on each server by itself; what was seen is compared as a set. */
async function walk(pair: Pair, step: Step, stepIndex: number): Promise<Difference | undefined> {
  const { reference, target } = await pair.connections();
  const command = step.commands[0]!;
  try {
    const [left, right] = await Promise.all([walkOne(reference[step.protocol], command), walkOne(target[step.protocol], command)]);
    return left === right ? undefined : { stepIndex, command, kind: 'reply', reference: left, target: right, note: 'union of all pages, sorted' };
  } catch (error) {
    return lost(pair, stepIndex, stepIndex + 1, [step], error as Error);
  }
}

async function walkOne(client: RawClient, command: Command): Promise<string> {
  const place = commandName(command) === 'SCAN' ? 1 : 2;
  const seen = new Set<string>();
  const next = [...command];
  for (let page = 0; page < WALK_PAGES_MAX; page++) {
    const reply = (await client.command(...next)).value();
    if (reply.items.length !== 2) return canonical(reply);
    const [cursor, found] = reply.items;
    const isPairs = ['HSCAN', 'ZSCAN'].includes(commandName(command));
    for (const item of isPairs ? pairsOf(found!) : found!.items.map(canonical)) seen.add(item);
    if (cursor!.text === '0') return `${reply.type}${cursor!.type}${found!.type} ${[...seen].sort().join(' ')}`;
    next[place] = cursor!.text;
  }
  return `no end after ${WALK_PAGES_MAX} pages`;
}
