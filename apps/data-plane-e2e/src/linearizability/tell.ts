/** A violation as text: the operations that no order explains, the state the longest order leads to, and what cannot follow. */
import type { Command } from '@larder/shared-testing';
import type { Operation } from './history.ts';
import { isOpen } from './history.ts';
import type { Violation } from './judge.ts';
import { replyText } from './model/replies.ts';

const SHOWN_MAX = 60;

export function tellViolation({ keys, operations, state, stuck }: Violation): string {
  const ordered = [...operations].sort((a, b) => a.calledAt - b.calledAt);
  const start = ordered[0]?.calledAt ?? 0;
  const hidden = Math.max(0, ordered.length - SHOWN_MAX);
  return [
    `no order explains these ${ordered.length} operations on ${keys.join(', ')} (µs of call and reply):`,
    ...(hidden > 0 ? [`  … ${hidden} before`] : []),
    ...ordered.slice(hidden).map((operation) => `  ${line(operation, start)}${stuck.includes(operation) ? '   ◀ cannot come next' : ''}`),
    `  the longest order ends with ${state.describe().slice(0, 600)}`,
  ].join('\n');
}

function line(operation: Operation, start: number): string {
  const { client, command, body, reply, calledAt, returnedAt } = operation;
  const micros = (moment: number): string => (Number.isFinite(moment) ? String(Math.round((moment - start) / 1000)) : 'open').padStart(8);
  const who = client < 0 ? '  time' : `client ${String(client).padStart(2)}`;
  const what = body === undefined ? words(command) : `EXEC { ${body.map(words).join('; ')} }`;
  const answer = isOpen(operation) || reply === undefined ? '?' : replyText(reply, command, body);
  return `${micros(calledAt)} –${micros(returnedAt)}  ${who}  ${what} → ${answer.slice(0, 160)}`;
}

const words = (command: Command): string => command.map((word) => (word.length > 60 ? `${word.slice(0, 12)}…${word.slice(-30)}` : word)).join(' ');
