// A file that a tenant sends, for an import: an RDB, or the append-only files of a redis-server. An RDB is walked while it streams by, sealed
// like a backup, and then loaded by a scratch engine; other data is loaded first, and what the engine saves is kept. What is READY has been
// loaded once, so an import does not end in an instance that cannot start.
//
// Invariants: the row names the object before the first byte; a refused, broken or killed upload leaves no object (at once, or by the
// row's end of life); UploadRow.checksum is the plain file's SHA-256.
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { sealedAs, uploadStorageKey, type ByteStream, type Repositories, type ScratchEngine, type SecretBox, type UploadRow } from '@larder/plane-domain';
import { dayMs, formatBytes, type Clock, type Ids } from '@larder/shared-std';
import { Meter } from '../byte-streams';
import { IntegrityFault } from '../integrity-fault';
import { RdbReader } from '../rdb/rdb-reader';
import { sentence } from '../runs/fault';
import { walked } from '../runs/stream-run';
import { pack, unpack } from '../sealed/packed-stream';
import type { LocalScratchEngine } from '../scratch/local-scratch-engine';
import { StorageFault } from '../storage/storage-fault';
import type { SweptStorage } from '../storage/swept-storage';
import { isPlainSnapshot, layOut, peek } from './data-directory';
import { IntakeFault, type IntakeReason } from './intake-fault';

export interface UploadPorts {
  readonly records: Pick<Repositories, 'uploads'>;
  readonly storage: SweptStorage;
  readonly secrets: SecretBox;
  /** Without `convert` only plain snapshots are taken. */
  readonly scratch: ScratchEngine & Partial<Pick<LocalScratchEngine, 'convert'>>;
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface IncomingFile {
  readonly organizationId: string;
  readonly fileName: string;
  readonly createdById: string | null;
  readonly bytesMax: number;
  readonly body: ByteStream;
}

export type Received = { readonly ok: true; readonly uploadId: string } | { readonly ok: false; readonly reason: RefusedBecause; readonly message: string };
/** StorageFailed: there was no room for it. */
export type RefusedBecause = IntakeReason | 'StorageFailed';

const keptMs = dayMs;

export async function receiveUpload(ports: UploadPorts, file: IncomingFile): Promise<Received> {
  const { records, clock, ids, secrets, storage } = ports;
  const now = clock.now();
  const id = ids.next();
  const dataKey = randomBytes(32);
  const row: UploadRow = {
    id, organizationId: file.organizationId, fileName: file.fileName, state: 'RECEIVING', sizeBytes: null, keyCounts: null, checksum: null,
    storageKey: uploadStorageKey(file.organizationId, id), dataKeySealed: secrets.seal(dataKey, sealedAs.uploadKey(id)), errorMessage: null,
    createdById: file.createdById, createdAt: new Date(now), expiresAt: new Date(now + keptMs),
  };
  await records.uploads.insert(row);
  try {
    const facts = await take(ports, row, dataKey, file);
    await records.uploads.write(file.organizationId, id, { ...facts, state: 'READY' });
    return { ok: true, uploadId: id };
  } catch (error) {
    await storage.delete(row.storageKey!).catch(() => undefined); // the row's end of life deletes it again
    const refused = refusalOf(error);
    await records.uploads.write(file.organizationId, id, { state: 'REFUSED', errorMessage: refused?.message ?? 'The upload was broken off.' });
    if (refused === undefined) throw error;
    return { ok: false, ...refused };
  }
}

type Facts = Pick<UploadRow, 'sizeBytes' | 'keyCounts' | 'checksum'>;

async function take(ports: UploadPorts, row: UploadRow, dataKey: Uint8Array, file: IncomingFile): Promise<Facts> {
  const { head, body } = await peek(limited(file.body, file.bytesMax));
  return isPlainSnapshot(head, file.fileName) ? takeSnapshot(ports, row, dataKey, body) : takeDirectory(ports, row, dataKey, head, body, file.bytesMax);
}

/** Other data becomes a snapshot in a scratch engine: what is stored then is one like all others. */
async function takeDirectory({ storage, scratch }: UploadPorts, row: UploadRow, dataKey: Uint8Array, head: Uint8Array, body: ByteStream, bytesMax: number): Promise<Facts> {
  if (scratch.convert === undefined) throw new IntakeFault('NotSupported', 'only RDB files are taken here');
  const converted = await scratch.convert((directory) => layOut(directory, head, body, bytesMax), async (file, keyCounts) => {
    const [raw, reader] = [new Meter(), new RdbReader()];
    await storage.put(row.storageKey!, pack(walked(raw.watch(createReadStream(file, { highWaterMark: 256 * 1024 })), reader), dataKey, sealedAs.uploadKey(row.id)));
    return { sizeBytes: raw.bytes, keyCounts, checksum: raw.digest() };
  });
  if (!converted.ok) throw new IntakeFault('NotLoadable', `an engine did not load it: ${converted.message}`);
  return converted.value;
}

async function takeSnapshot({ storage, scratch }: UploadPorts, row: UploadRow, dataKey: Uint8Array, body: ByteStream): Promise<Facts> {
  const [raw, reader, boundTo] = [new Meter(), new RdbReader(), sealedAs.uploadKey(row.id)];
  await storage.put(row.storageKey!, pack(walked(raw.watch(body), reader), dataKey, boundTo));
  const loaded = await scratch.load(unpack(await storage.get(row.storageKey!), dataKey, boundTo));
  if (!loaded.ok) throw new IntakeFault('NotLoadable', `an engine did not load it: ${loaded.message}`);
  return { sizeBytes: raw.bytes, keyCounts: reader.keyCounts, checksum: raw.digest() };
}

async function* limited(body: ByteStream, bytesMax: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new IntakeFault('TooLarge', `the file is larger than ${formatBytes(bytesMax)}`);
    yield chunk;
  }
}

/** Undefined for what is not the file's fault and not ours to explain: the connection broke, the database went away. */
function refusalOf(error: unknown): { readonly reason: RefusedBecause; readonly message: string } | undefined {
  if (error instanceof StorageFault) return { reason: 'StorageFailed', message: sentence(error.message) };
  if (!(error instanceof IntegrityFault)) return undefined;
  return { reason: error instanceof IntakeFault ? error.reason : 'Damaged', message: sentence(error.message) };
}
