// One backup's life, from wherever it stands to where it ends: stream, verify, or delete. Called by a wake, by the sweep, by a retry.
//
//   PENDING ─┬─> RUNNING ──> COMPLETED (verification PENDING ─> RUNNING ─> VERIFIED | FAILED)
//   crash: ──┘      └─────> FAILED                         DELETING ──> DELETED
//
// Invariants
// - Under a lease: one worker at a time works on a backup. The lease is renewed while it works and runs out when its holder dies.
// - Nothing is remembered between calls except in the row: a call that dies anywhere is made up for by the next.
import { sealedAs, type BackupRow } from '@larder/plane-domain';
import { hourMs, type Timer } from '@larder/shared-std';
import { verifyBackup, type Proof } from '../scratch/verify';
import { failureOf, type RunFailure } from './fault';
import { nowOf, tell, type RunPorts } from './ports';
import { endBadly, endWell, reportStep } from './progress';
import { attemptKey, streamRun } from './stream-run';

/** A killed worker's backup is taken up by the next one within this and a retry. */
export const leaseMs = 10_000;
/** Attempts that ended in a fault which another try might have mended. */
const attemptsMax = 5;
/** Attempts of any kind: one that takes its worker down each time must not do so for ever. */
const startsMax = 20;
/** After this a backup that nobody could look at counts as not proven. */
const proveMsMax = hourMs;
const retryMsMin = 2_000;
const retryMsMax = 60_000;

export type RunResult =
  | { readonly result: 'ended' }
  /** Another worker holds it. */
  | { readonly result: 'busy' }
  | { readonly result: 'retry'; readonly inMs: number; readonly reason: string };

export async function runBackup(ports: RunPorts, backupId: string): Promise<RunResult> {
  const { leases } = ports.work.records;
  const name = `backup/${backupId}`;
  const lease = await leases.take(name, ports.holder, leaseMs, nowOf(ports));
  if (lease === undefined) return { result: 'busy' };
  let timer: Timer;
  const renew = (): void => {
    timer = ports.clock.setTimer(leaseMs / 3, () => {
      renew();
      void leases.renew(name, lease.fenceToken, leaseMs, nowOf(ports)).catch(() => false);
    });
  };
  renew();
  try {
    return await advance(ports, backupId);
  } finally {
    timer!.cancel();
    await leases.release(name, lease.fenceToken);
  }
}

async function advance(ports: RunPorts, backupId: string): Promise<RunResult> {
  for (;;) {
    const row = await ports.work.records.backups.byIdForLoop(backupId);
    switch (row?.state) {
      case 'PENDING': case 'RUNNING': {
        const stopped = await attempt(ports, row);
        if (stopped !== undefined) return stopped;
        continue;
      }
      case 'COMPLETED': return row.verification === 'VERIFIED' || row.verification === 'FAILED' ? { result: 'ended' } : prove(ports, row);
      case 'DELETING': return remove(ports, row);
      default: return { result: 'ended' };
    }
  }
}

// ── the stream ──────────────────────────────────────────────────────────────────────────────────────────────────────────

async function attempt(ports: RunPorts, row: BackupRow): Promise<RunResult | undefined> {
  await reportStep(ports, row.operationId, 'queue', 'DONE');
  await reportStep(ports, row.operationId, 'stream', 'RUNNING');
  try {
    if (row.attempts >= startsMax) return await giveUp(ports, row, row.attempts, { reason: row.errorReason ?? 'GaveUp', message: row.errorMessage ?? `Given up after ${startsMax} attempts.`, isFinal: true });
    await streamRun(ports, row);
    await reportStep(ports, row.operationId, 'stream', 'DONE');
    return undefined;
  } catch (error) {
    const failure = failureOf(error);
    const attempts = row.attempts + 1;
    if (failure.isFinal || attempts >= attemptsMax) return giveUp(ports, row, attempts, failure);
    await ports.work.records.backups.writeForLoop(row.id, { errorReason: failure.reason, errorMessage: failure.message }, nowOf(ports));
    await reportStep(ports, row.operationId, 'stream', 'RUNNING', failure.message);
    return { result: 'retry', inMs: backOffMs(attempts), reason: failure.reason };
  }
}

async function giveUp(ports: RunPorts, row: BackupRow, attempts: number, { reason, message }: RunFailure): Promise<RunResult> {
  const now = nowOf(ports);
  await removeObjects(ports, row, attempts);
  const isOurs = await ports.work.records.backups.moveForLoop(row.id, 'RUNNING', {
    state: 'FAILED', errorReason: reason, errorMessage: message, storageKey: null, dataKeySealed: null,
    durationMs: row.startedAt === null ? null : now.getTime() - row.startedAt.getTime(),
  }, now);
  if (isOurs) {
    await endBadly(ports, row.operationId, reason, message);
    await tell(ports, row, 'WARNING', 'BackupFailed', `A backup failed: ${message}`);
  }
  return { result: 'ended' };
}

// ── the proof ───────────────────────────────────────────────────────────────────────────────────────────────────────────

async function prove(ports: RunPorts, row: BackupRow): Promise<RunResult> {
  const { backups } = ports.work.records;
  await backups.moveForLoop(row.id, 'COMPLETED', { verification: 'RUNNING' }, nowOf(ports));
  await reportStep(ports, row.operationId, 'stream', 'DONE');
  await reportStep(ports, row.operationId, 'verify', 'RUNNING');
  let proof: Proof;
  try {
    const boundTo = sealedAs.backupKey(row.id);
    proof = await verifyBackup(ports, row, ports.secrets.open(row.dataKeySealed!, boundTo), boundTo);
  } catch (error) {
    // The storage does not answer, or the disk for the scratch engine is full: says nothing about the backup, so it is asked again.
    const { reason, message } = failureOf(error);
    if (nowOf(ports).getTime() - (row.completedAt?.getTime() ?? 0) > proveMsMax) {
      await conclude(ports, row, { isProven: false, message: `It could not be verified: ${message}` });
      return { result: 'ended' };
    }
    await backups.moveForLoop(row.id, 'COMPLETED', { verificationMessage: `Not yet: ${message}` }, nowOf(ports));
    await reportStep(ports, row.operationId, 'verify', 'RUNNING', message);
    return { result: 'retry', inMs: retryMsMax, reason };
  }
  await conclude(ports, row, proof);
  return { result: 'ended' };
}

async function conclude(ports: RunPorts, row: BackupRow, proof: Proof): Promise<void> {
  const now = nowOf(ports);
  const verificationMessage = proof.isProven ? `A scratch engine loaded it and found all ${proof.keys} keys.` : proof.message;
  const isOurs = await ports.work.records.backups.moveForLoop(row.id, 'COMPLETED', {
    verification: proof.isProven ? 'VERIFIED' : 'FAILED', verificationMessage, verifiedAt: now,
  }, now);
  if (!isOurs) return;
  if (proof.isProven) {
    await endWell(ports, row.operationId);
    await tell(ports, row, 'NORMAL', 'BackupVerified', 'A backup was taken and proven by loading it.');
    return;
  }
  await endBadly(ports, row.operationId, 'NotVerified', verificationMessage);
  await tell(ports, row, 'WARNING', 'BackupNotVerified', verificationMessage);
}

// ── the removal ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The object first, the row's use last: a removal that dies in between is done again. The key goes with it. */
async function remove(ports: RunPorts, row: BackupRow): Promise<RunResult> {
  const { backups, operations } = ports.work.records;
  const open = (await operations.openOfInstance(row.instanceId)).filter(({ backupId }) => backupId === row.id);
  // One that was deleted while it was being verified leaves its own operation to us.
  for (const { id } of open.filter(({ kind }) => kind === 'CREATE_BACKUP')) await endBadly(ports, id, 'BackupDeleted', 'The backup was deleted.');
  await reportStep(ports, row.operationId, 'remove', 'RUNNING');
  try {
    await removeObjects(ports, row, row.attempts);
  } catch (error) {
    const { reason, message } = failureOf(error);
    await reportStep(ports, row.operationId, 'remove', 'RUNNING', message);
    return { result: 'retry', inMs: retryMsMax, reason };
  }
  const now = nowOf(ports);
  await backups.moveForLoop(row.id, 'DELETING', { state: 'DELETED', deletedAt: now, storageKey: null, dataKeySealed: null }, now);
  await endWell(ports, row.operationId);
  return { result: 'ended' };
}

async function removeObjects(ports: RunPorts, row: BackupRow, attempts: number): Promise<void> {
  if (row.storageKey !== null) await ports.storage.delete(row.storageKey);
  for (let attempt = 1; attempt <= attempts; attempt += 1) await ports.storage.delete(attemptKey(row, attempt));
}

function backOffMs(attempts: number): number {
  return Math.min(retryMsMax, retryMsMin * 2 ** (attempts - 1));
}
