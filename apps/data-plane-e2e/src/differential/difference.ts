/** What was found to differ, and how it is told. */
import { parseReply, printable, redisCliLine } from '@larder/shared-testing';
import type { Command } from '@larder/shared-testing';
import type { Step } from './step.ts';

export interface Difference {
  /** Where in the run; the state check counts as the place after the last step. */
  readonly stepIndex: number;
  readonly command: Command;
  readonly reference: string;
  readonly target: string;
  /** `reply`, `state` (seen by the check), `lost` (no reply, connection or process gone). */
  readonly kind: 'reply' | 'state' | 'lost';
  readonly note?: string;
}

const SHOWN_MAX = 800;
const LINES_MAX = 80;
const LINE_CHARACTERS_MAX = 600;

export function shown(bytes: Buffer | string): string {
  const text = printable(bytes);
  return text.length <= SHOWN_MAX ? text : `${text.slice(0, SHOWN_MAX)}… (${text.length} characters)`;
}

/** Two differences with the same signature are most likely one fault. */
export function signature(difference: Difference): string {
  const name = (difference.command[0] ?? '').toUpperCase();
  const face = (text: string): string => text.replace(/[0-9]+/g, '#').slice(0, 24);
  return `${difference.kind} ${name} ${face(difference.reference)} ${face(difference.target)}`;
}

export function tell(difference: Difference, steps: readonly Step[], names: { reference: string; target: string }): string {
  const lines: string[] = [];
  let protocol = 0;
  for (const step of steps) {
    const speaker = step.line === undefined ? '' : `line ${step.line} (RESP${step.protocol})> `;
    if (step.line === undefined && step.protocol !== protocol) lines.push(`  # RESP${(protocol = step.protocol)} connection`);
    for (const [at, command] of step.commands.entries()) {
      lines.push(`  ${speaker}${redisCliLine(command)}`);
      if (at === 0 && step.pauseMs !== undefined) lines.push(`  # wait ${step.pauseMs} ms`);
    }
  }
  const left = lines.length - LINES_MAX;
  if (left > 0) lines.splice(0, left, `  # … ${left} lines before these`);
  for (const [at, line] of lines.entries()) {
    if (line.length > LINE_CHARACTERS_MAX) lines[at] = `${line.slice(0, LINE_CHARACTERS_MAX)}… # ${line.length} characters`;
  }
  lines.push(`  ${difference.kind === 'state' ? 'then the state check' : 'differs at'}: ${redisCliLine(difference.command)}${difference.note === undefined ? '' : `   (${difference.note})`}`);
  lines.push(`    ${names.reference.padEnd(14)} ${difference.reference}`);
  lines.push(`    ${names.target.padEnd(14)} ${difference.target}`);
  return lines.join('\n');
}

/** A reply's bytes, or parsed canonical text when it is long. */
export function replyText(frame: Buffer | undefined): string {
  if (frame === undefined) return '(nothing)';
  parseReply(frame);
  return shown(frame);
}
