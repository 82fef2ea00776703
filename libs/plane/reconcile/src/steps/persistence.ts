// What is on disk, changed while the store runs: between any two of the four modes, without a restart and without a lost write.
//
//   establish   the new mode is switched on, and its file is whole
//   mark        the member's row says which mode the store is in (from NONE to RDB: once the first snapshot lies there)
//   take away   the old mode is switched off; its file goes once the new one's is whole
//
// Invariants
// - What a start loads is decided by the files (decide-directives.ts): the append-only file where one lies there whole, else the snapshot.
//   So a file that is no longer the data must go, and must not go before the new one is whole. A store or a worker that is killed
//   anywhere in between starts again from the mode that it comes from.
// - AOF to RDB: the log is switched off first, and removed after a snapshot that began later than that: nothing is in neither.
// - Of several stores only the primary keeps the parts that a rewrite made superfluous, for the archive; and a former primary does as long as
//   the archive stands in its log.
// - A backup of a store without snapshots works with a dump.rdb of its own for a moment (libs/plane/backups): while one runs, or any
//   snapshot is under way, nothing is removed; it is looked at again soon.
import {
  hasAppendLog, hasSnapshots, readPersistence, type DataKind, type InstanceMemberRow, type Outcome, type PersistenceSeen, type StoreAddress,
} from '@larder/plane-domain';
import { secondMs } from '@larder/shared-std';
import { decideChanges, decideLivePersistence } from '../decide-directives';
import { done, failed, outcomeOf, refOf, servingStores, systemAddress, wait, type PassContext, type StepOutcome } from '../pass-context';

const writtenRetryMs = 100;
const failedRetryMs = 5 * secondMs;
const lookAgainMs = 5 * secondMs;

export async function ensurePersistence(context: PassContext): Promise<StepOutcome> {
  for (const member of servingStores(context)) {
    const outcome = await new Switch(context, member).run();
    if (outcome.outcome !== 'done') return outcome;
  }
  return done;
}

class Switch {
  readonly #context: PassContext;
  readonly #address: StoreAddress;
  #member: InstanceMemberRow;

  constructor(context: PassContext, member: InstanceMemberRow) {
    this.#context = context;
    this.#member = member;
    this.#address = systemAddress(context, member);
  }

  async run(): Promise<Outcome> {
    const { spec } = this.#context.instance;
    // While the log is being written for the first time the snapshots are the data still: what takes them away comes second.
    const wished = await this.#wished();
    const established = await this.#apply(wished, hasAppendLog(spec.persistence) ? ['appendfsync', 'appendonly'] : undefined);
    if (established.outcome !== 'done') return established;
    const info = await this.#seen();
    if ('outcome' in info) return info;
    const files = await this.#files();
    if (hasAppendLog(spec.persistence)) {
      const written = whetherLogIsWhole(info, files);
      if (written.outcome !== 'done') return written;
      const rest = await this.#apply(wished);
      if (rest.outcome !== 'done') return rest;
    }
    if (spec.persistence === 'RDB' && this.#member.persistence === 'NONE' && info.hasKeys && !files.has('snapshot')) return this.#save(info);
    if (this.#member.persistence !== spec.persistence) await this.#mark();
    if (spec.persistence === 'RDB' && files.has('append-log')) {
      const saved = await this.#replaceLog(info, files);
      if (saved.outcome !== 'done') return saved;
    }
    return this.#takeAway(info, files);
  }

  async #wished(): Promise<Readonly<Record<string, string>>> {
    const { instance, availability, ports: { records } } = this.#context;
    const wished = decideLivePersistence(instance.spec);
    if (instance.spec.archive === null || instance.spec.topology === 'STANDALONE' || availability?.primary === this.#member.name) return wished;
    const stretch = await records.logArchives.openStretchForLoop(instance.id);
    return stretch?.memberId === this.#member.id ? wished : { ...wished, 'aof-disable-auto-gc': 'no' };
  }

  /** Those of `names`, or all. */
  async #apply(wished: Readonly<Record<string, string>>, names: readonly string[] = Object.keys(wished)): Promise<Outcome> {
    const { link } = this.#context.ports;
    const found = await link.configGet(this.#address, names);
    if (!found.ok) return outcomeOf(found.error, 'CONFIG GET');
    const changes = decideChanges(Object.fromEntries(names.map((name) => [name, wished[name]!])), found.value);
    if (Object.keys(changes).length === 0) return done;
    const changed = await link.configSet(this.#address, changes);
    if (!changed.ok) {
      return changed.error.fault === 'reply'
        ? failed('PersistenceRefused', `The store refuses its persistence: ${changed.error.message}`) : outcomeOf(changed.error, 'CONFIG SET');
    }
    await this.#context.event('NORMAL', 'PersistenceChanged', `Applied ${Object.keys(changes).sort().join(', ')}.`);
    return done;
  }

  async #seen(): Promise<PersistenceSeen & { readonly hasKeys: boolean } | Outcome> {
    const answer = await this.#context.ports.link.info(this.#address);
    if (!answer.ok) return outcomeOf(answer.error, 'INFO');
    const { fields } = answer.value;
    return { ...readPersistence(fields, this.#context.now().getTime()), hasKeys: [...fields.keys()].some((name) => /^db\d+$/.test(name)) };
  }

  #files(): Promise<ReadonlySet<DataKind>> {
    return this.#context.ports.provisioner.dataFiles(refOf(this.#member));
  }

  async #mark(): Promise<void> {
    const { persistence } = this.#context.instance.spec;
    this.#member = await this.#context.writeMember(this.#member, { persistence, persistenceAt: this.#context.now() });
  }

  /** What was in the log is in a snapshot that began after the mode did. */
  async #replaceLog(info: PersistenceSeen, files: ReadonlySet<DataKind>): Promise<Outcome> {
    if (info.isSaving || !files.has('snapshot') || !beganAfter(info, this.#member.persistenceAt)) return this.#save(info);
    await this.#context.ports.provisioner.dropData(refOf(this.#member), 'append-log');
    return done;
  }

  async #save(info: PersistenceSeen): Promise<Outcome> {
    if (!info.isSaving) {
      const started = await this.#context.ports.link.startSave(this.#address);
      if (!started.ok) return outcomeOf(started.error, 'BGSAVE');
    }
    return info.isLastSaveOk ? wait('Saving', 'A snapshot is being written.', writtenRetryMs)
      : wait('SaveFailed', 'The last snapshot failed; the store’s log says why. It is tried again.', failedRetryMs);
  }

  async #takeAway(info: PersistenceSeen, files: ReadonlySet<DataKind>): Promise<Outcome> {
    const context = this.#context;
    const { spec } = context.instance;
    const stale = [...files].filter((kind) => (kind === 'snapshot' ? !hasSnapshots(spec.persistence) : spec.persistence === 'NONE'));
    if (stale.length === 0) return done;
    if (info.isSaving || (await this.#isBackupRunning())) {
      context.lookAgainAt = earlier(context.lookAgainAt, new Date(context.now().getTime() + lookAgainMs));
      return done;
    }
    for (const kind of stale) await context.ports.provisioner.dropData(refOf(this.#member), kind);
    return done;
  }

  async #isBackupRunning(): Promise<boolean> {
    const { instance, ports: { records } } = this.#context;
    const page = await records.backups.page(instance.organizationId, { first: 1, after: null }, { instanceId: instance.id, states: ['RUNNING'] });
    return page.items.length > 0;
  }
}

function whetherLogIsWhole(info: PersistenceSeen, files: ReadonlySet<DataKind>): Outcome {
  if (!info.isAppendLogOn) return failed('PersistenceRefused', 'The store did not switch its append-only file on.');
  if (files.has('append-log') && !info.isRewriting) return done;
  if (files.has('append-log') && (info.appendLogBaseBytes ?? 0) > 0) return done; // an ordinary rewrite: the old parts are whole
  if (!info.isLastRewriteOk && !info.isRewriting) return wait('RewriteFailed', 'The append-only file could not be written; the store’s log says why. It is tried again.', failedRetryMs);
  return wait('Rewriting', 'The append-only file is being written.', writtenRetryMs);
}

/** Redis tells when its last snapshot ended and how long it took, both in whole seconds: what may have begun earlier did. */
function beganAfter({ lastSaveAt, lastSaveSeconds, isLastSaveOk }: PersistenceSeen, at: Date | null): boolean {
  if (!isLastSaveOk || lastSaveAt === null || lastSaveSeconds === null || at === null) return false;
  return Date.parse(lastSaveAt) - (lastSaveSeconds + 1) * secondMs >= at.getTime();
}

function earlier(left: Date | null, right: Date): Date {
  return left !== null && left < right ? left : right;
}
