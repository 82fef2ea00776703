/**
 * The small Redis that histories are judged by: one command, one transaction or one script at a time.
 *
 * Beside commands of clients it knows `EXPIRE-FIRE key value`: time taking away a key that still carries the expiry
 * which came with that value. The recorder puts one into the history for each expiry, between the earliest and the latest
 * moment at which it may act.
 */
import type { Command, PlainReply } from '@larder/shared-testing';
import type { Model } from '../checker.ts';
import type { Operation } from '../history.ts';
import { commandModels, ImpossibleReply, keysOf } from './commands.ts';
import { replyText } from './replies.ts';
import { readEval } from './scripts.ts';
import { State, Step, WrongType } from './state.ts';

export const FIRE = 'EXPIRE-FIRE';

export const redisModel: Model<State> = {
  initial: State.empty,

  step(state, operation) {
    const step = new Step(state);
    try {
      const reply = run(step, operation);
      const { reply: seen } = operation;
      if (seen !== undefined && replyText(reply, operation.command, operation.body) !== replyText(seen, operation.command, operation.body)) return undefined;
    } catch (error) {
      if (error instanceof ImpossibleReply) return undefined;
      throw error;
    }
    return step.next;
  },

  isPure({ command, body, reply }) {
    if (body !== undefined || reply === undefined) return false; // EXEC ends watches
    const model = commandModels[command[0]!];
    return model?.isRead === true || model?.changedNothing?.(reply, command.slice(1)) === true;
  },

  goesAtOnce(state, operation) {
    const { command, client, reply } = operation;
    switch (command[0]) {
      case FIRE: {
        // It comes after its SET; what was replaced since does not come back.
        const value = state.keys.get(command[1]!);
        return value?.type !== 'string' || value.expiry !== command[2];
      }
      case 'WATCH':
        // What is to be spoiled is best watched early.
        return operation.isInVain === true;
      case 'EXEC':
        return reply === null && state.watches.get(client)?.isSpoiled === true;
      default:
        return false;
    }
  },
};

function run(step: Step, { command, body, reply, client }: Operation): PlainReply {
  switch (command[0]) {
    case 'EXEC':
      if (step.unwatch(client)) return null;
      return body!.map((each, at) => runOne(step, each, Array.isArray(reply) ? reply[at] : undefined));
    case 'WATCH':
      step.watch(client, command.slice(1));
      return 'OK';
    case FIRE: {
      const value = step.get(command[1]!);
      if (value?.type === 'string' && value.expiry === command[2]) step.drop(command[1]!);
      return 'OK';
    }
    default:
      return runOne(step, command, reply);
  }
}

function runOne(step: Step, command: Command, seen: PlainReply | undefined): PlainReply {
  const [name, ...args] = command as [string, ...string[]];
  try {
    if (name === 'EVAL') {
      const called = readEval(args);
      return called.script.run(step, called.keys, called.args);
    }
    const model = commandModels[name];
    if (model === undefined) throw new Error(`the model does not know ${name}`);
    return model.run(step, args, seen);
  } catch (error) {
    if (error instanceof WrongType) return error;
    throw error;
  }
}

/** The keys that an operation is about. */
export function operationKeys({ command, body }: Operation): readonly string[] {
  if (body !== undefined) return body.flatMap((each) => commandKeys(each));
  return commandKeys(command);
}

function commandKeys(command: Command): readonly string[] {
  if (command[0] === 'WATCH') return command.slice(1);
  if (command[0] === FIRE) return command.slice(1, 2);
  if (command[0] === 'EVAL') return readEval(command.slice(1)).keys;
  return keysOf(command);
}
