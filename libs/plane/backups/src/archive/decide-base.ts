// Whether a stretch needs another base before its time has come: without one that can be restored, or behind an object of the log that is
// lost, nothing of what is archived now could be given back until the next base. Pure.
import type { LogPieceRow } from '@larder/plane-domain';
import { minuteMs } from '@larder/shared-std';

/** A base that cannot be proven is not followed by another at once: most often the next one could not be either. */
const pauseMs = 10 * minuteMs;

type Landmark = Pick<LogPieceRow, 'kind' | 'state' | 'ordinal' | 'sequence' | 'verification' | 'createdAt'>;

/** `landmarks`: of one stretch, its bases and what is lost of its log. */
export function decideBaseWanted(landmarks: readonly Landmark[], nowMs: number): boolean {
  const bases = landmarks.filter(({ kind }) => kind === 'BASE').sort((left, right) => left.sequence - right.sequence);
  const newest = bases.at(-1);
  if (newest === undefined) return false; // the first one is under way
  if (!isGood(newest)) return nowMs - newest.createdAt.getTime() > pauseMs;
  return landmarks.some(({ kind, state, ordinal }) => kind === 'LOG' && state === 'LOST' && ordinal >= newest.ordinal);
}

function isGood({ state, verification }: Landmark): boolean {
  return state === 'STORED' && verification !== 'FAILED';
}
