// Looks at every running store each few seconds: keeps the newest figures for the metrics page, writes one row per ten seconds for the
// charts and how its files stand, tells of a save that failed, and wakes the loop for a store that does not answer. It heals nothing itself.
import { isStore, readPersistence, sealedAs, systemUsername, type InstanceLink, type InstanceMemberRow, type MetricRow, type Provisioner, type Repositories, type SecretBox } from '@larder/plane-domain';
import { dayMs, minuteMs, secondMs, type Clock, type Timer } from '@larder/shared-std';
import { decideFileEvents } from './decide-file-events';
import { decideSample, type Reading } from './decide-sample';
import { refOf } from './pass-context';

export interface SamplerOptions {
  readonly records: Repositories;
  readonly link: InstanceLink;
  readonly provisioner: Pick<Provisioner, 'snapshotBytes'>;
  readonly secrets: SecretBox;
  readonly clock: Clock;
  readonly bindAddress: string;
  readonly wake: (instanceId: string) => void;
  readonly onError?: (error: unknown, doing: string) => void;
}

export interface InstanceGauges {
  readonly name: string;
  readonly isUp: boolean;
  readonly sample: MetricRow | undefined;
  readonly maxMemoryBytes: number;
}

interface Watched {
  readonly organizationId: string;
  readonly name: string;
  readonly systemPassword: string;
  /** The member that last said it is primary. */
  primaryId?: string;
  /** Written rows are differences since the last written one; the gauges are those since the last look. */
  lookedAt?: Reading;
  writtenFrom?: Reading;
  gauges: InstanceGauges;
}

const periodMs = 5 * secondMs;
const bucketMs = 10 * secondMs;
const keptMs = dayMs;
const pruneEveryMs = 10 * minuteMs;
/** Names and passwords are read again after this, should an instance have been renamed. */
const forgetAfterMs = minuteMs;

export class Sampler {
  readonly #options: SamplerOptions;
  readonly #watched = new Map<string, Watched>();
  #timer: Timer | undefined;
  #isStopped = false;
  #bucket = 0;
  #prunedAtMs = 0;
  #forgottenAtMs = 0;
  lastRoundAtMs = 0;

  constructor(options: SamplerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = this.#options.clock.setTimer(periodMs, () => void this.#roundAndArm());
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  gauges(): ReadonlyMap<string, InstanceGauges> {
    return new Map([...this.#watched].map(([id, watched]) => [id, watched.gauges]));
  }

  async round(): Promise<void> {
    const { records, clock } = this.#options;
    const [liveIds, members] = await Promise.all([records.instances.liveIdsForLoop(), records.instanceMembers.all()]);
    const live = new Set(liveIds);
    for (const id of this.#watched.keys()) if (!live.has(id)) this.#watched.delete(id);
    const started = members.filter((member) => isStore(member) && live.has(member.instanceId) && member.startedAt !== null);
    const nowMs = clock.now();
    const bucket = Math.floor(nowMs / bucketMs);
    const isNewBucket = bucket !== this.#bucket;
    this.#bucket = bucket;
    const samples = await Promise.all(started.map((member) => this.#look(member, isNewBucket, new Date(bucket * bucketMs))));
    await records.metrics.insert(samples.filter((sample) => sample !== undefined));
    if (nowMs - this.#prunedAtMs >= pruneEveryMs) {
      this.#prunedAtMs = nowMs;
      await records.metrics.removeBefore(new Date(nowMs - keptMs));
    }
    if (nowMs - this.#forgottenAtMs >= forgetAfterMs) {
      this.#forgottenAtMs = nowMs;
      await this.#readNames();
    }
    this.lastRoundAtMs = nowMs;
  }

  async #roundAndArm(): Promise<void> {
    if (this.#isStopped) return;
    this.#timer = this.#options.clock.setTimer(periodMs, () => void this.#roundAndArm());
    try {
      await this.round();
    } catch (error) {
      this.#options.onError?.(error, 'sampling');
    }
  }

  async #look(member: InstanceMemberRow, isWritten: boolean, bucket: Date): Promise<MetricRow | undefined> {
    const { id: memberId, instanceId, port, directory, persistenceSeen } = member;
    const { records, link, provisioner, clock, bindAddress, wake } = this.#options;
    const watched = await this.#watch(instanceId);
    if (watched === undefined) return undefined;
    const host = bindAddress === '0.0.0.0' ? '127.0.0.1' : bindAddress;
    const answer = await link.info({ host, port, username: systemUsername, password: watched.systemPassword });
    if (!answer.ok) {
      if (watched.primaryId === undefined || watched.primaryId === memberId) watched.gauges = { ...watched.gauges, isUp: false };
      if (answer.error.fault !== 'loading') wake(instanceId);
      return undefined;
    }
    const reading: Reading = { atMs: clock.now(), runId: answer.value.runId, fields: answer.value.fields };
    // The charts are the primary's; of a replica only its files are looked at.
    if (answer.value.role === 'slave') {
      if (isWritten) await records.instanceMembers.noteSeen(memberId, readPersistence(reading.fields, reading.atMs, await provisioner.snapshotBytes(refOf(member))));
      return undefined;
    }
    watched.primaryId = memberId;
    const sample = decideSample(instanceId, watched.organizationId, watched.lookedAt, reading);
    const maxMemoryBytes = Number(reading.fields.get('maxmemory') ?? 0) || 0;
    watched.gauges = { name: watched.name, isUp: !answer.value.isLoading, sample, maxMemoryBytes };
    watched.lookedAt = reading;
    if (!isWritten) return undefined;
    const row = { ...decideSample(instanceId, watched.organizationId, watched.writtenFrom, reading), at: bucket };
    watched.writtenFrom = reading;
    const seen = readPersistence(reading.fields, reading.atMs, await provisioner.snapshotBytes(refOf(member)));
    await records.instanceMembers.noteSeen(memberId, seen);
    for (const { reason, message } of decideFileEvents(persistenceSeen, seen, directory)) {
      await records.instanceEvents.record({ organizationId: watched.organizationId, instanceId, severity: reason.endsWith('Failed') ? 'WARNING' : 'NORMAL', reason, message }, new Date(reading.atMs));
    }
    return row;
  }

  async #watch(instanceId: string): Promise<Watched | undefined> {
    const known = this.#watched.get(instanceId);
    if (known) return known;
    const { records, secrets } = this.#options;
    const row = await records.instances.byIdForLoop(instanceId);
    if (row === undefined || row.deletedAt !== null) return undefined;
    const systemPassword = Buffer.from(secrets.open(row.systemPasswordSealed, sealedAs.systemPassword(instanceId))).toString('utf8');
    const watched: Watched = {
      organizationId: row.organizationId, name: row.spec.name, systemPassword,
      gauges: { name: row.spec.name, isUp: false, sample: undefined, maxMemoryBytes: 0 },
    };
    this.#watched.set(instanceId, watched);
    return watched;
  }

  async #readNames(): Promise<void> {
    for (const [id, watched] of this.#watched) {
      const row = await this.#options.records.instances.byIdForLoop(id);
      if (row) this.#watched.set(id, { ...watched, name: row.spec.name, gauges: { ...watched.gauges, name: row.spec.name } });
    }
  }
}
