/**
 * What a run consists of. A step is the smallest thing that is generated, repeated and left out when a
 * difference is shrunk: one command, or a few that only make sense together.
 */
import type { Command } from '@larder/shared-testing';

export interface Step {
  readonly commands: readonly Command[];
  /** RESP version of the connection that it runs on. */
  readonly protocol: 2 | 3;
  /** Wait after the first command, for keys that are to expire in between. */
  readonly pauseMs?: number;
  /**
   * `walk`: the one command is a SCAN; it is repeated from cursor to cursor and the union compared.
   * `sample`: the second command's reply is a random choice from the first one's.
   */
  readonly kind?: 'walk' | 'sample';
  /** In conversations: which of the lines speaks. */
  readonly line?: number;
}

/** A row's way to make a step from a command; most rows are one plain command. */
export type StepShape = Omit<Step, 'protocol' | 'line'>;
