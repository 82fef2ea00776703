// One running, answering process per member: started, adopted, restarted when that is wished, started again after a crash.
import { createHash } from 'node:crypto';
import { delay, minuteMs } from '@larder/shared-std';
import { isSentinelGroup, isStore, memberKindOf, sentinelNames, type InstanceMemberRow, type Outcome, type ProcessIdentity, type ProcessProgram, type ProcessSeen } from '@larder/plane-domain';
import { crashBackOffMs, crashesForgivenAfterMs } from '../back-off';
import { decideDirectives, type Directive } from '../decide-directives';
import { ensureGroup } from '../high-availability/ensure-group';
import { fold, isFolding } from '../high-availability/fold';
import { gateDirectives, memberHost, sentinelDirectives, sharedSentinelDirectives, storeDirectives, type Place } from '../high-availability/member-directives';
import { sentinelsOf } from '../high-availability/sentinels-of';
import { isSpreading, isStillDirect } from '../high-availability/port-move';
import { putInFront, spread } from '../high-availability/spread';
import {
  done, failed, outcomeOf, refOf, systemAddress, systemPassword, tenantPasswords, wait, type PassContext, type StepOutcome,
} from '../pass-context';
import { ensureReplication } from './replication';

/** SIGTERM saves; a large store takes its time. */
const restartGraceMs = minuteMs;
/** A fresh store answers in tens of milliseconds; asking on here is quicker than another pass. */
const answerRoundsMax = 40;
const answerPauseMs = 10;

export async function ensureProcesses(context: PassContext): Promise<StepOutcome> {
  if (context.instance.spec.topology === 'HA') return (isSpreading(context) ? spread : ensureGroup)(context, (member, how) => ensureProcess(context, member, how));
  for (const member of context.members) {
    const outcome = await ensureProcess(context, member);
    if (outcome.outcome !== 'done') return outcome;
  }
  return done;
}

/** Before anything else: of several stores that were, the one that stays is alone. */
export async function ensureFolded(context: PassContext): Promise<StepOutcome> {
  if (isFolding(context)) return fold(context, (member, how) => ensureProcess(context, member, how));
  if (context.instance.spec.topology === 'STANDALONE') context.availability = null;
  return done;
}

/** The proxy and the Sentinels of one that served alone, once its replicas are in sync. */
export async function ensureFront(context: PassContext): Promise<StepOutcome> {
  if (!isSpreading(context)) return done;
  const inFront = await putInFront(context);
  if (inFront.outcome !== 'done') return inFront;
  // Replicas follow the address that the Sentinels will know.
  const following = await ensureReplication(context);
  if (following.outcome !== 'done') return following;
  const primary = context.members.find(({ name }) => name === context.availability!.primary)!;
  for (const { id } of context.members.filter(({ name }) => memberKindOf(name) === 'SENTINEL')) {
    const started = await ensureProcess(context, context.members.find((member) => member.id === id)!, { primary, follows: null });
    if (started.outcome !== 'done') return started;
  }
  return done;
}

/** How a member of a group of stores is started, and whether it may be. */
export interface Start {
  /** Whom the others follow. */
  readonly primary: InstanceMemberRow;
  readonly follows: Place | null;
  /** Asked once it is known not to run. */
  readonly mayStart?: (member: InstanceMemberRow) => Promise<Outcome | undefined>;
  /** Asked before one that runs is restarted because that is wished. */
  readonly mayRestart?: () => Promise<Outcome | undefined>;
}

export async function ensureProcess(context: PassContext, row: InstanceMemberRow, how?: Start): Promise<StepOutcome> {
  const { ports: { provisioner }, instance } = context;
  let member = row;
  let seen: ProcessSeen = await provisioner.observe(refOf(member), member.identity);
  // One that runs although its row does not know was started by a pass that did not live to say so: of an older wish, as far as we can tell.
  const isKnownToHaveRun = member.startedAt !== null || seen.state === 'running';
  const isRestartWished = isKnownToHaveRun && member.restartNonce < instance.spec.restartNonce;
  if (seen.state === 'running' && isRestartWished) {
    const notNow = await how?.mayRestart?.();
    if (notNow !== undefined) return notNow;
    await context.event('NORMAL', 'Restarting', `${wordFor(context, member)} is restarted as asked.`);
    await provisioner.retireProcess(refOf(member), seen.identity, restartGraceMs);
    seen = { state: 'absent' };
  }
  if (seen.state === 'exited' && !isRestartWished) {
    if (member.exitedAt === null) member = await noteCrash(context, member, seen.reason);
    const leftMs = (member.notBefore?.getTime() ?? 0) - context.now().getTime();
    if (leftMs > 0) return wait('CrashBackOff', `The store crashed ${member.crashes} times in a row and is started again in ${Math.ceil(leftMs / 1000)} s.`, leftMs);
  }
  if (seen.state !== 'running') return (await how?.mayStart?.(member)) ?? startProcess(context, member, how);
  if (!isSame(seen.identity, member.identity)) {
    await context.event('NORMAL', 'Adopted', `The running process ${seen.identity.pid} was found again.`);
    member = await context.writeMember(member, { identity: seen.identity, startedAt: member.startedAt ?? context.now(), exitedAt: null, exitReason: null });
  }
  return awaitAnswer(context, member, seen.identity);
}

/** One of several is called by its name. */
function wordFor({ instance }: PassContext, { name }: InstanceMemberRow): string {
  return instance.spec.topology === 'HA' ? `Member ${name}` : 'The store';
}

async function noteCrash(context: PassContext, member: InstanceMemberRow, reason: string): Promise<InstanceMemberRow> {
  const now = context.now();
  const crashes = member.crashes + 1;
  await context.event('WARNING', 'Crashed', `${wordFor(context, member)} ${reason}.`);
  return context.writeMember(member, {
    crashes, exitedAt: now, exitReason: reason, notBefore: new Date(now.getTime() + crashBackOffMs(crashes)),
  });
}

const programs = { STORE: 'store', SENTINEL: 'sentinel', GATE: 'gate' } as const satisfies Record<string, ProcessProgram>;

async function startProcess(context: PassContext, row: InstanceMemberRow, how: Start | undefined): Promise<StepOutcome> {
  const { ports: { provisioner }, settings, instance } = context;
  const kind = memberKindOf(row.name);
  // It had been brought to keep nothing, so whatever lies there (a backup's snapshot, a switch that was cut off) is not its data.
  if (row.persistence === 'NONE') for (const kind of await provisioner.dataFiles(refOf(row))) await provisioner.dropData(refOf(row), kind);
  const threads = kind !== 'STORE' || settings.threadsMax === 0 || instance.spec.engine !== 'LARDER' ? null : Math.min(context.plan.threads, settings.threadsMax);
  const directives = kind === 'STORE' ? await storeStart(context, row, threads, how) : kind === 'SENTINEL' ? sentinelStart(context, row, how!) : gateStart(context, row, how!.primary);
  // The proxy of one that served alone waits for the port that its store still has.
  const held = row.name === 'gate' && isStillDirect(context) ? { port: instance.endpoint!.port, isPortHeld: true } : { port: row.port };
  const started = await provisioner.ensureProcess(
    { ...refOf(row), ...held, bind: settings.bindAddress, directives, program: programs[kind], engine: instance.spec.engine, apartFrom: `${instance.id}/${programs[kind]}` }, row.identity);
  if (started.outcome === 'failed') {
    await context.event('WARNING', started.reason, sentence(started.message));
    return failed(started.reason, sentence(started.message));
  }
  context.isFresh = true;
  const member = await context.writeMember(row, {
    identity: started.identity, startedAt: context.now(), exitedAt: null, exitReason: null, notBefore: null, runId: null,
    // Only a process that read the file we have just written knows this wish; of an adopted one we cannot say.
    ...(started.isNew ? { restartNonce: instance.spec.restartNonce, threads,
      // A Sentinel's file may be older than the last rotation.
      credentialVersion: kind === 'SENTINEL' && row.startedAt !== null ? 0 : instance.spec.credentialVersion } : {}),
  });
  await context.event('NORMAL', started.isNew ? 'Started' : 'Adopted', started.isNew ? `${wordFor(context, member)} was started.` : 'The running store was found again.');
  return awaitAnswer(context, member, started.identity);
}

async function storeStart(context: PassContext, row: InstanceMemberRow, threads: number | null, how: Start | undefined): Promise<Directive[]> {
  const { ports: { provisioner }, instance: { spec }, plan, settings } = context;
  const system = systemPassword(context);
  const hashes = { tenant: tenantPasswords(context).map(sha256), system: sha256(system) };
  // One of several is started as such although it shall stand alone soon.
  const topology = how === undefined ? spec.topology : 'HA';
  const directives = decideDirectives({ ...spec, topology }, plan, { hashes, threads, files: await provisioner.dataFiles(refOf(row)) });
  return how === undefined ? directives : [...directives, ...storeDirectives(system, memberHost(settings), how.follows)];
}

function sentinelStart(context: PassContext, row: InstanceMemberRow, { primary }: Start): Directive[] {
  const host = memberHost(context.settings);
  if (isSentinelGroup(context.instance.spec)) return sharedSentinelDirectives(systemPassword(context), row.id, host);
  const stores = context.members.filter((member) => isStore(member) && member.id !== primary.id);
  const others = context.members.filter(({ name, id }) => (sentinelNames as readonly string[]).includes(name) && id !== row.id);
  return sentinelDirectives({
    systemPassword: systemPassword(context), tenantPasswords: tenantPasswords(context), plan: context.plan, memberId: row.id, host,
    primary: { host, port: primary.port }, replicas: stores.map(({ port }) => ({ host, port })), others: others.map(({ id, port }) => ({ host, port, memberId: id })),
    epoch: context.availability?.configEpoch ?? 0,
  });
}

function gateStart(context: PassContext, row: InstanceMemberRow, primary: InstanceMemberRow): Directive[] {
  const host = memberHost(context.settings);
  const watch = sentinelsOf(context);
  const sentinels = watch.sentinels.map(({ port }) => ({ host, port }));
  // Before any Sentinel can say so: to the store that served alone, where it goes once the proxy has its port.
  const first = row.name === 'gate' && isSpreading(context) ? { host, port: isStillDirect(context) ? row.port : primary.port } : null;
  return gateDirectives(watch.systemPassword, watch.setName, row.name === 'reads' ? 'replicas' : 'primary', sentinels, first);
}

async function awaitAnswer(context: PassContext, member: InstanceMemberRow, identity: ProcessIdentity): Promise<StepOutcome> {
  // Whoever asks a gate asks a store; that it takes connections was seen when it was started.
  if (memberKindOf(member.name) === 'GATE') return done;
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
