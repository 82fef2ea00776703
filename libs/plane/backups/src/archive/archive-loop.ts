// The worker's loop over archives: a round per instance when its time has come, the proof of new bases, and every quarter of an hour
// retention, merging, and a comparison of what is named with what is stored.
//
// Invariant: no queue takes part. What is due stands in the records; a worker that starts finds it, and one that dies leaves nothing that the
// next one must know.
import { defaultArchive, sealedAs, type LogPieceRow } from '@larder/plane-domain';
import { KeyedLoop } from '@larder/plane-loop';
import { hourMs, secondMs } from '@larder/shared-std';
import { verifyBackup } from '../scratch/verify';
import { underLease } from '../under-lease';
import { archiveRound, type RoundResult } from './archive-round';
import { mergeArchive } from './merge-archive';
import type { ArchivePorts } from './ports';
import { auditArchive, pruneArchive } from './prune-archive';

export interface ArchiveLoopOptions {
  readonly ports: ArchivePorts;
  /** How often it is looked for what is due. */
  readonly sweepMs?: number;
  readonly concurrency?: number;
  readonly onRound?: (round: RoundResult & { readonly instanceId: string; readonly tookMs: number }) => void;
  readonly onError?: (error: unknown, doing: string) => void;
}

const dueMax = 200;
const provedAtOnce = 20;
const slowSweepMs = hourMs / 4;

export class ArchiveLoop {
  readonly #options: ArchiveLoopOptions;
  readonly #rounds: KeyedLoop;
  readonly #proofs: KeyedLoop;
  #slowSweptAtMs: number | undefined;
  /** The one that runs. */
  #slowSweep: Promise<void> | undefined;
  /** Pieces that are not merged with the one before. */
  readonly #apart = new Set<string>();
  lastSweepAtMs = 0;

  constructor(options: ArchiveLoopOptions) {
    this.#options = options;
    const { ports: { clock }, concurrency = 2, sweepMs = secondMs } = options;
    const onSweepFault = (error: unknown): void => options.onError?.(error, 'sweep of archives');
    this.#rounds = new KeyedLoop({ clock, concurrency, sweepMs, act: (id) => this.#round(id), sweep: () => this.sweep(), onSweepFault });
    // Loading a base takes its time; the log goes on beside it.
    this.#proofs = new KeyedLoop({ clock, concurrency: 1, sweepMs, act: (id) => this.#prove(id), sweep: () => this.sweepProofs(), onSweepFault });
  }

  start(): void {
    this.#rounds.start();
    this.#proofs.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#rounds.stop(), this.#proofs.stop(), this.#slowSweep]);
  }

  /** Resolves when a round that began after this call has ended. */
  wake(instanceId: string): Promise<void> {
    return this.#rounds.wake(instanceId);
  }

  /** Does not wait for the rounds that it wakes. */
  async sweep(): Promise<void> {
    const { ports } = this.#options;
    const now = ports.clock.now();
    for (const id of await ports.work.records.logArchives.dueIdsForLoop(new Date(now), dueMax)) if (!this.#rounds.isInHand(id)) void this.wake(id);
    this.lastSweepAtMs = now;
    if (this.#slowSweep !== undefined || (this.#slowSweptAtMs !== undefined && now - this.#slowSweptAtMs < slowSweepMs)) return;
    this.#slowSweptAtMs = now;
    this.#slowSweep = this.tidy().catch((error: unknown) => this.#options.onError?.(error, 'tidying of archives')).finally(() => { this.#slowSweep = undefined; });
  }

  /** What one instance's storage does not let happen is no reason to leave the others untidy. */
  async tidy(): Promise<void> {
    const { ports, onError } = this.#options;
    for (const at of await ports.work.records.logArchives.instanceIdsForLoop()) {
      if (this.#rounds.isStopped) return;
      await this.#tidyOne(at).catch((error: unknown) => onError?.(error, `tidying the archive of ${at.instanceId}`));
    }
  }

  /** Waits for the proofs that it begins. */
  async sweepProofs(): Promise<void> {
    const bases = await this.#options.ports.work.records.logArchives.basesToProveForLoop(provedAtOnce);
    await Promise.all(bases.filter(({ id }) => !this.#proofs.isInHand(id)).map(({ id }) => this.#proofs.wake(id)));
  }

  async #tidyOne(at: { readonly organizationId: string; readonly instanceId: string }): Promise<void> {
    const { ports } = this.#options;
    const instance = await ports.work.records.instances.byIdForLoop(at.instanceId);
    await pruneArchive(ports, at, (instance?.spec.archive ?? defaultArchive).retentionHours, ports.clock.now());
    await auditArchive(ports, at, ports.clock.now());
    await mergeArchive(ports, at, this.#apart, () => this.#rounds.isStopped);
  }

  async #round(instanceId: string): Promise<number | null> {
    const { ports: { clock }, onRound, onError } = this.#options;
    const startedMs = clock.monotonic();
    try {
      const result = await archiveRound(this.#options.ports, instanceId);
      onRound?.({ ...result, instanceId, tookMs: clock.monotonic() - startedMs });
      // The sweep finds what is due later; a short wait is not worth a sweep.
      return result.inMs !== null && result.inMs < secondMs ? result.inMs : null;
    } catch (error) {
      onError?.(error, `archive of ${instanceId}`);
      return null;
    }
  }

  async #prove(pieceId: string): Promise<number | null> {
    const { ports, onError } = this.#options;
    const { logArchives } = ports.work.records;
    await underLease(ports, `proof/${pieceId}`, async () => {
      const base = (await logArchives.basesToProveForLoop(provedAtOnce)).find(({ id }) => id === pieceId);
      if (base === undefined) return;
      const proof = await this.#verify(base);
      await logArchives.writePieceForLoop(pieceId, {
        verification: proof.isProven ? 'VERIFIED' : 'FAILED', verificationMessage: proof.isProven ? `A scratch engine loaded it and found all ${proof.keys} keys.` : proof.message,
      });
    }).catch((error: unknown) => onError?.(error, `proof of ${pieceId}`)); // the storage does not answer: the sweep asks again
    return null;
  }

  #verify(base: LogPieceRow): ReturnType<typeof verifyBackup> {
    const { ports } = this.#options;
    const boundTo = sealedAs.pieceKey(base.id);
    return verifyBackup(ports, base, ports.secrets.open(base.dataKeySealed, boundTo), boundTo);
  }
}
