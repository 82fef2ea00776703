// Why a run did not succeed: a word for programs, a sentence for people, and whether another try may help.
import { IntegrityFault } from '../integrity-fault';
import { StorageFault } from '../storage/storage-fault';

export class RunFault extends Error {
  readonly reason: string;
  readonly isFinal: boolean;

  constructor(reason: string, message: string, isFinal = false) {
    super(message);
    this.name = 'RunFault';
    this.reason = reason;
    this.isFinal = isFinal;
  }
}

export interface RunFailure {
  readonly reason: string;
  readonly message: string;
  readonly isFinal: boolean;
}

/** A full disk is final: trying again at once would fill it again; the next scheduled run is the next try. */
export function failureOf(error: unknown): RunFailure {
  if (error instanceof RunFault) return { reason: error.reason, message: sentence(error.message), isFinal: error.isFinal };
  if (error instanceof StorageFault) return { reason: error.isFull ? 'DiskFull' : 'StorageFailed', message: sentence(error.message), isFinal: error.isFull };
  if (error instanceof IntegrityFault) return { reason: 'Damaged', message: sentence(error.message), isFinal: true };
  return { reason: 'Failed', message: sentence((error as Error).message), isFinal: false };
}

export function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}${/[.!?]$/.test(message) ? '' : '.'}`;
}
