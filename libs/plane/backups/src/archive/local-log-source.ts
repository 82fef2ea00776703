// The append-only directory of a store on this machine: its files by path, its state and its rewrites over the link. Of several stores it is
// the primary's; whether it still is, is told by the store itself (ask).
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { isStore, sealedAs, systemUsername, type InstanceLink, type LinkAnswer, type Repositories, type SecretBox, type StoreAddress } from '@larder/plane-domain';
import { RunFault } from '../runs/fault';
import { parseLogManifest } from './aof-manifest';
import type { LogSource, LogView } from './ports';

/** What this room needs of the link beyond the domain's door. */
export interface LogLink extends Pick<InstanceLink, 'info' | 'configGet' | 'configSet'> {
  /** Begins a rewrite of the append-only file; one that is under way is success as well. */
  startRewrite(at: StoreAddress): Promise<LinkAnswer<void>>;
}

export interface LocalLogPorts {
  readonly records: Pick<Repositories, 'instances' | 'instanceMembers'>;
  readonly secrets: SecretBox;
  readonly link: LogLink;
  readonly bindAddress: string;
}

const folder = 'appendonlydir';
const manifestName = 'appendonly.aof.manifest';
const readBytes = 256 * 1024;

export class LocalLogSource implements LogSource {
  readonly #ports: LocalLogPorts;

  constructor(ports: LocalLogPorts) {
    this.#ports = ports;
  }

  async open(instanceId: string, memberId?: string): Promise<LogView | undefined> {
    const { records, secrets, link, bindAddress } = this.#ports;
    const instance = await records.instances.byIdForLoop(instanceId);
    const stores = (await records.instanceMembers.ofInstances([instanceId])).filter(isStore);
    const primary = stores.find(({ name }) => name === instance?.availability?.primary) ?? stores[0];
    const member = memberId === undefined ? primary : stores.find(({ id }) => id === memberId);
    if (instance === undefined || member === undefined || member.directory === '') return undefined;
    const directory = path.join(member.directory, folder);
    const text = await readFile(path.join(directory, manifestName), 'utf8').catch(missing);
    if (text === undefined) return undefined;
    const address: StoreAddress = {
      host: bindAddress === '0.0.0.0' ? '127.0.0.1' : bindAddress, port: member.port, username: systemUsername,
      password: Buffer.from(secrets.open(instance.systemPasswordSealed, sealedAs.systemPassword(instanceId))).toString('utf8'),
    };
    const since = instance.availability?.primarySince;
    return {
      memberId: member.id, isOneOfSeveral: instance.spec.topology !== 'STANDALONE' || stores.length > 1, primarySinceMs: since === undefined ? undefined : Date.parse(since),
      manifest: parseLogManifest(text),
      sizeOf: async (name) => (await stat(path.join(directory, name)).catch(missing))?.size,
      read: (name, from, to) => (from >= to ? nothing() : createReadStream(path.join(directory, name), { start: from, end: to - 1, highWaterMark: readBytes })),
      async ask() {
        const [info, settings] = [await link.info(address), await link.configGet(address, ['aof-timestamp-enabled', 'aof-disable-auto-gc'])];
        if (!info.ok || !settings.ok || info.value.isLoading) return undefined;
        const isOn = (name: string): boolean => info.value.fields.get(name) === '1';
        return {
          isStamped: settings.value['aof-timestamp-enabled'] === 'yes', isKept: settings.value['aof-disable-auto-gc'] === 'yes',
          isRewriting: isOn('aof_rewrite_in_progress') || isOn('aof_rewrite_scheduled'),
          reign: info.value.role === 'master' ? info.value.fields.get('master_replid') ?? null : null,
        };
      },
      async askRewrite() {
        answered(await link.startRewrite(address), 'begin a rewrite of its append-only file');
      },
      async releaseHistory() {
        answered(await link.configSet(address, { 'aof-disable-auto-gc': 'no' }), 'remove what is archived');
        answered(await link.configSet(address, { 'aof-disable-auto-gc': 'yes' }), 'keep what is not archived');
      },
    };
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // no bytes
}

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}

function answered(answer: LinkAnswer<void>, doing: string): void {
  if (answer.ok) return;
  throw new RunFault('StoreNotReady', answer.error.fault === 'reply' ? `the store did not ${doing}: ${answer.error.message}` : `the store does not answer (${answer.error.fault})`);
}
