/**
 * Conversations: several connections speak in turn to both servers; what every one of them hears after every turn must be the
 * same. This is where blocking pops (who is served, in which order), WATCH across connections, and pub/sub are compared.
 */
import { parseReply, waitFor } from '@larder/shared-testing';
import type { Command } from '@larder/shared-testing';
import { shown, signature, tell } from '../difference.ts';
import type { Difference } from '../difference.ts';
import { canonical, isSame } from '../normalise.ts';
import { endpoint, Pair } from '../pair.ts';
import { seededRandom } from '../random.ts';
import type { Random } from '../random.ts';
import { shrink } from '../shrink.ts';
import type { Step } from '../step.ts';
import { lineCount, Stage, subscriberLines } from './stage.ts';
import type { Heard } from './stage.ts';
import { beginConversation, drawTurn } from './turns.ts';

export interface ConversationOptions {
  readonly seed: number;
  readonly turns: number;
  readonly reference?: string;
  readonly target: string;
  readonly differencesMax?: number;
  readonly say?: (line: string) => void;
  readonly pair?: Pair;
}

export interface ConversationReport {
  readonly turns: number;
  readonly seconds: number;
  /** Turns after which at least one line was waiting: shows that blocking really happened. */
  readonly turnsWithWaiting: number;
  readonly differences: readonly { readonly difference: Difference; readonly text: string }[];
}

const TURNS_PER_CONVERSATION = 150;

export async function runConversations(options: ConversationOptions): Promise<ConversationReport> {
  const pair = options.pair ?? new Pair(endpoint(options.reference ?? 'redis-server'), endpoint(options.target));
  const differences: { difference: Difference; text: string }[] = [];
  const signatures = new Set<string>();
  const startedAt = performance.now();
  let turns = 0;
  let turnsWithWaiting = 0;
  try {
    for (let round = 0; turns < options.turns && differences.length < (options.differencesMax ?? 5); round++) {
      await pair.ensureRunning();
      const random = seededRandom(options.seed * 1_000 + round);
      const spoken: Step[] = [];
      const play = await converse(pair, drawn(random, Math.min(TURNS_PER_CONVERSATION, options.turns - turns), spoken));
      turns += spoken.length;
      turnsWithWaiting += play.turnsWithWaiting;
      if (play.difference === undefined || signatures.has(signature(play.difference))) continue;
      signatures.add(signature(play.difference));
      const replay = async (steps: readonly Step[]): Promise<Difference | undefined> => (await converse(pair, given(steps))).difference;
      const small = await shrink(spoken, play.difference, replay, 30_000);
      const text = `conversation difference ${differences.length + 1}: seed ${options.seed}, round ${round}, ${small.steps.length} of ${spoken.length} turns left\n${tell(small.difference, small.steps, { reference: pair.reference.name, target: pair.target.name })}`;
      differences.push({ difference: small.difference, text });
      options.say?.(text);
    }
  } finally {
    if (options.pair === undefined) await pair.stop();
  }
  return { turns, turnsWithWaiting, seconds: (performance.now() - startedAt) / 1000, differences };
}

/** Where turns come from; told who is waiting, because who waits cannot speak. */
type NextTurn = (isWaiting: (line: number) => boolean) => Step | undefined;

function drawn(random: Random, count: number, spoken: Step[]): NextTurn {
  beginConversation();
  return (isWaiting) => {
    if (spoken.length >= count) return undefined;
    let line = random.between(0, lineCount - 1);
    if (random.chance(0.4) || isWaiting(line)) line = 0;
    const turn = drawTurn(random, line);
    spoken.push(turn);
    return turn;
  };
}

/** A shorter version of a conversation: turns of a line that waits now are left out. */
function given(steps: readonly Step[]): NextTurn {
  let at = 0;
  return (isWaiting) => {
    while (at < steps.length && isWaiting(steps[at]!.line ?? 0)) at++;
    return steps[at++];
  };
}

async function converse(pair: Pair, next: NextTurn): Promise<{ difference: Difference | undefined; turnsWithWaiting: number }> {
  await pair.ensureRunning();
  const reference = await Stage.open(pair.reference);
  const target = await Stage.open(pair.target);
  let turnsWithWaiting = 0;
  try {
    for (let at = 0; ; at++) {
      const turn = next((line) => reference.isWaiting(line));
      if (turn === undefined) return { difference: undefined, turnsWithWaiting };
      const command = turn.commands[0]!;
      const line = turn.line ?? 0;
      const left = await playWithPause(turn, () => reference.playAsReference(line, command), reference);
      let right: Heard;
      try {
        right = await playWithPause(turn, () => target.playAsTarget(line, command, left), target);
      } catch (error) {
        return { difference: { stepIndex: at, command, kind: 'lost', reference: '(replies)', target: String(error) }, turnsWithWaiting };
      }
      if (left.blocked.size > 0) turnsWithWaiting++;
      const difference = compareHeard(left, right, command, at);
      if (difference !== undefined && isChance(command, left, right)) return { difference: undefined, turnsWithWaiting };
      if (difference !== undefined) return { difference, turnsWithWaiting };
    }
  } finally {
    reference.close();
    target.close();
  }
}

/** A turn that ends by its timeout: the reply is awaited before the next turn, on each side by itself. */
async function playWithPause(turn: Step, play: () => Promise<Heard>, stage: Stage): Promise<Heard> {
  const heard = await play();
  if (turn.pauseMs === undefined || !stage.isWaiting(turn.line ?? 0)) return heard;
  const line = turn.line ?? 0;
  const late = await waitFor('a timeout to be told', () => stage.takeLate(line), 5_000);
  return { blocked: new Set([...heard.blocked].filter((each) => each !== line)), lines: heard.lines.map((frames, at) => (at === line ? [...frames, ...late] : frames)) };
}

function compareHeard(left: Heard, right: Heard, command: Command, stepIndex: number): Difference | undefined {
  for (let line = 0; line < lineCount; line++) {
    const texts = [left, right].map((heard) => told(heard.lines[line]!, line));
    if (texts[0] === texts[1] || isSameReply(left.lines[line]!, right.lines[line]!, command)) continue;
    const bytes = (heard: Heard): string => shown(Buffer.concat(heard.lines[line]!)) || '(nothing)';
    return { stepIndex, command, kind: 'reply', reference: bytes(left), target: bytes(right), note: `as heard on line ${line}` };
  }
  return undefined;
}

/** After SWAPDB Redis looks for ready keys in the order of a hash table: of several keys any may serve who waits for them. */
function isChance(command: Command, left: Heard, right: Heard): boolean {
  return command[0] === 'SWAPDB' && left.lines.every((frames, line) => frames.length === right.lines[line]!.length);
}

function isSameReply(left: readonly Buffer[], right: readonly Buffer[], command: Command): boolean {
  return left.length === 1 && right.length === 1 && isSame(parseReply(left[0]!), parseReply(right[0]!), command, []);
}

/** Patterns and channels are kept in hash tables: messages for several patterns, and leaving all channels, have no promised order. */
function told(frames: readonly Buffer[], line: number): string {
  if (!subscriberLines.includes(line)) return frames.map((frame) => frame.toString('latin1')).join('');
  return frames
    .map((frame) => {
      const value = parseReply(frame);
      const isLeaving = /^p?unsubscribe$/.test(value.items[0]?.text ?? '');
      return isLeaving ? canonical({ ...value, items: value.items.slice(0, 2) }) : canonical(value);
    })
    .sort()
    .join('\n');
}
