// Why what somebody sent is not taken: a word for programs, and the sentence for people that every integrity fault has.
import { IntegrityFault } from '../integrity-fault';

/**
 * TooLarge: more bytes than may be sent, packed or unpacked. ArchiveUnsafe: it means harm, or looks like it (paths that leave it, links, entries
 * without end, bytes that are shared or not announced). NotSupported: whole, and of a kind that is not taken. Damaged: not what its writer
 * wrote. NotLoadable: an engine refused it.
 */
export type IntakeReason = 'TooLarge' | 'ArchiveUnsafe' | 'NotSupported' | 'Damaged' | 'NotLoadable';

export class IntakeFault extends IntegrityFault {
  readonly reason: IntakeReason;

  constructor(reason: IntakeReason, message: string) {
    super(message);
    this.reason = reason;
  }
}
