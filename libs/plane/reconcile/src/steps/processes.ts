// One running, answering process per member: started, adopted, restarted when that is wished, started again after a crash.
import { createHash } from 'node:crypto';
import { delay, minuteMs } from '@larder/shared-std';
import type { InstanceMemberRow, ProcessIdentity, ProcessSeen } from '@larder/plane-domain';
import { crashBackOffMs, crashesForgivenAfterMs } from '../back-off';
import { decideDirectives } from '../decide-directives';
import {
  done, failed, outcomeOf, refOf, systemAddress, systemPassword, tenantPasswords, wait, type PassContext, type StepOutcome,
} from '../pass-context';

/** SIGTERM saves; a large store takes its time. */
const restartGraceMs = minuteMs;
/** A fresh store answers in tens of milliseconds; asking on here is quicker than another pass. */
const answerRoundsMax = 40;
const answerPauseMs = 10;

export async function ensureProcesses(context: PassContext): Promise<StepOutcome> {
  for (const member of context.members) {
    const outcome = await ensureProcess(context, member);
    if (outcome.outcome !== 'done') return outcome;
  }
  return done;
}

async function ensureProcess(context: PassContext, row: InstanceMemberRow): Promise<StepOutcome> {
  const { ports: { provisioner }, instance } = context;
  let member = row;
  let seen: ProcessSeen = await provisioner.observe(refOf(member), member.identity);
  // One that runs although its row does not know was started by a pass that did not live to say so: of an older wish, as far as we can tell.
  const isKnownToHaveRun = member.startedAt !== null || seen.state === 'running';
  const isRestartWished = isKnownToHaveRun && member.restartNonce < instance.spec.restartNonce;
  if (seen.state === 'running' && isRestartWished) {
    await context.event('NORMAL', 'Restarting', 'The store is restarted as asked.');
    await provisioner.retireProcess(refOf(member), seen.identity, restartGraceMs);
    seen = { state: 'absent' };
  }
  if (seen.state === 'exited' && !isRestartWished) {
    if (member.exitedAt === null) member = await noteCrash(context, member, seen.reason);
    const leftMs = (member.notBefore?.getTime() ?? 0) - context.now().getTime();
    if (leftMs > 0) return wait('CrashBackOff', `The store crashed ${member.crashes} times in a row and is started again in ${Math.ceil(leftMs / 1000)} s.`, leftMs);
  }
  if (seen.state !== 'running') return startProcess(context, member);
  if (!isSame(seen.identity, member.identity)) {
    await context.event('NORMAL', 'Adopted', `The running process ${seen.identity.pid} was found again.`);
    member = await context.writeMember(member, { identity: seen.identity, startedAt: member.startedAt ?? context.now(), exitedAt: null, exitReason: null });
  }
  return awaitAnswer(context, member, seen.identity);
}

async function noteCrash(context: PassContext, member: InstanceMemberRow, reason: string): Promise<InstanceMemberRow> {
  const now = context.now();
  const crashes = member.crashes + 1;
  await context.event('WARNING', 'Crashed', `The store ${reason}.`);
  return context.writeMember(member, {
    crashes, exitedAt: now, exitReason: reason, notBefore: new Date(now.getTime() + crashBackOffMs(crashes)),
  });
}

async function startProcess(context: PassContext, row: InstanceMemberRow): Promise<StepOutcome> {
  const { ports: { provisioner }, settings, instance, plan } = context;
  const hashes = { tenant: tenantPasswords(context).map(sha256), system: sha256(systemPassword(context)) };
  // It had been brought to keep nothing, so whatever lies there (a backup's snapshot, a switch that was cut off) is not its data.
  if (row.persistence === 'NONE') for (const kind of await provisioner.dataFiles(refOf(row))) await provisioner.dropData(refOf(row), kind);
  const threads = settings.threadsMax === 0 ? null : Math.min(plan.threads, settings.threadsMax);
  const directives = decideDirectives(instance.spec, plan, { hashes, threads, files: await provisioner.dataFiles(refOf(row)) });
  const started = await provisioner.ensureProcess(
    { ...refOf(row), port: row.port, bind: settings.bindAddress, directives }, row.identity);
  if (started.outcome === 'failed') {
    await context.event('WARNING', started.reason, sentence(started.message));
    return failed(started.reason, sentence(started.message));
  }
  context.isFresh = true;
  const member = await context.writeMember(row, {
    identity: started.identity, startedAt: context.now(), exitedAt: null, exitReason: null, notBefore: null, runId: null,
    // Only a process that read the file we have just written knows this wish; of an adopted one we cannot say.
    ...(started.isNew ? { restartNonce: instance.spec.restartNonce, credentialVersion: instance.spec.credentialVersion, threads } : {}),
  });
  await context.event('NORMAL', started.isNew ? 'Started' : 'Adopted', started.isNew ? 'The store was started.' : 'The running store was found again.');
  return awaitAnswer(context, member, started.identity);
}

async function awaitAnswer(context: PassContext, member: InstanceMemberRow, identity: ProcessIdentity): Promise<StepOutcome> {
  const { ports: { link, clock } } = context;
  const address = systemAddress(context, member);
  let answer = await link.info(address);
  for (let round = 0; context.isFresh && round < answerRoundsMax && !answer.ok && answer.error.fault === 'refused'; round += 1) {
    await delay(clock, answerPauseMs);
    answer = await link.info(address);
  }
  if (!answer.ok) return outcomeOf(answer.error, 'INFO');
  const { runId, isLoading, fields } = answer.value;
  const answeringPid = fields.get('process_id');
  if (answeringPid !== undefined && Number(answeringPid) !== identity.pid) {
    return failed('PortTaken', `Process ${answeringPid} answers on port ${member.port} instead of process ${identity.pid}.`);
  }
  if (isLoading) return wait('Loading', 'The store is loading its data.', 250);
  const isForgiven = member.crashes > 0 && member.startedAt !== null && context.now().getTime() - member.startedAt.getTime() > crashesForgivenAfterMs;
  if (runId !== member.runId || isForgiven) await context.writeMember(member, { runId, ...(isForgiven ? { crashes: 0 } : {}) });
  return done;
}

function isSame(left: ProcessIdentity, right: ProcessIdentity | null): boolean {
  return right !== null && left.pid === right.pid && left.pidStartTicks === right.pidStartTicks && left.bootId === right.bootId;
}

function sha256(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}
