// The RDB of a running store, taken by BGSAVE and read from the member's directory (infra/decisions/0007-backup-source.md).
//
// Invariants
// - The file is one that began to be written after we asked: a save that was running is awaited, then ours is started.
// - It is read through one open file: a save that replaces dump.rdb meanwhile replaces the name, not what we read.
// - Where the tenant wants no snapshots the name is removed once the file is open; or else a later start would load it. (What a run
//   that was killed before that leaves behind goes with the reconcile step `persistence`.)
import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import path from 'node:path';
import { backupSourceName, hasSnapshots, isStore, sealedAs, systemUsername, type ByteStream, type DataSource, type InstanceLink, type LinkAnswer, type LinkFault, type Repositories, type SecretBox, type StoreAddress } from '@larder/plane-domain';
import { RunFault } from './fault';

/** What this room needs of the link beyond the domain's door. */
export interface SnapshotLink extends Pick<InstanceLink, 'info'> {
  /** Resolves when a background save that began after this call has ended well. */
  backgroundSave(at: StoreAddress): Promise<LinkAnswer<void>>;
}

export interface SnapshotSourcePorts {
  readonly records: Pick<Repositories, 'instances' | 'instanceMembers'>;
  readonly secrets: SecretBox;
  readonly link: SnapshotLink;
  /** Where members listen. */
  readonly bindAddress: string;
}

const dataFile = 'dump.rdb';

export class SnapshotSource implements DataSource {
  readonly #ports: SnapshotSourcePorts;

  constructor(ports: SnapshotSourcePorts) {
    this.#ports = ports;
  }

  async open(instanceId: string): Promise<{ readonly rdb: ByteStream; readonly engineVersion: string }> {
    const { records, secrets, link, bindAddress } = this.#ports;
    const instance = await records.instances.byIdForLoop(instanceId);
    if (instance === undefined || instance.deletedAt !== null) throw new RunFault('InstanceGone', 'the instance is gone', true);
    // Of several stores a replica, so that the primary has nothing to do for it (infra/decisions/0015-high-availability.md).
    const members = await records.instanceMembers.ofInstances([instanceId]);
    const source = backupSourceName(instance.availability);
    const member = members.find(({ name }) => name === source) ?? members.filter((each) => isStore(each) && each.startedAt !== null)[0];
    if (member === undefined || member.directory === '') throw new RunFault('InstanceNotReady', 'the instance has no process yet');
    const address: StoreAddress = {
      host: bindAddress === '0.0.0.0' ? '127.0.0.1' : bindAddress, port: member.port, username: systemUsername,
      password: Buffer.from(secrets.open(instance.systemPasswordSealed, sealedAs.systemPassword(instanceId))).toString('utf8'),
    };
    const info = answered(await link.info(address));
    if (info.isLoading) throw new RunFault('InstanceNotReady', 'the store is loading its data');
    answered(await link.backgroundSave(address));
    return { engineVersion: info.version, rdb: readOnce(path.join(member.directory, dataFile), !hasSnapshots(instance.spec.persistence)) };
  }
}

/** Opened when it is read, so that one that nobody reads holds nothing open. */
async function* readOnce(file: string, isNameRemoved: boolean): AsyncGenerator<Uint8Array> {
  const handle = await open(file, 'r').catch((error: Error) => { throw new RunFault('SnapshotMissing', `cannot open ${file}: ${error.message}`); });
  if (isNameRemoved) await rm(file, { force: true });
  yield* createReadStream(file, { fd: handle, highWaterMark: 256 * 1024 }) as AsyncIterable<Uint8Array>;
}

function answered<T>(answer: LinkAnswer<T>): T {
  if (answer.ok) return answer.value;
  throw new RunFault(answer.error.fault === 'reply' ? 'SaveRefused' : 'InstanceNotReady', described(answer.error));
}

function described(fault: LinkFault): string {
  switch (fault.fault) {
    case 'refused': return 'the store does not accept connections';
    case 'timeout': return 'the store did not answer in time';
    case 'auth': return 'the store refuses its own control plane';
    case 'loading': return 'the store is loading its data';
    case 'reply': return `the store could not save: ${fault.message}`;
  }
}
