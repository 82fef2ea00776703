// A file that a tenant sends, for an import. It is walked while it streams by, sealed like a backup, and then loaded by a scratch engine:
// what is READY has been loaded once, so an import does not end in an instance that cannot start.
//
// Invariants: the row names the object before the first byte; a refused, broken or killed upload leaves no object (at once, or by the
// row's end of life); UploadRow.checksum is the plain file's SHA-256.
import { randomBytes } from 'node:crypto';
import { sealedAs, uploadStorageKey, type ByteStream, type KeyCount, type Repositories, type ScratchEngine, type SecretBox, type UploadRow } from '@larder/plane-domain';
import { dayMs, formatBytes, type Clock, type Ids } from '@larder/shared-std';
import { Meter } from '../byte-streams';
import { IntegrityFault } from '../integrity-fault';
import { RdbReader } from '../rdb/rdb-reader';
import { sentence } from '../runs/fault';
import { walked } from '../runs/stream-run';
import { pack, unpack } from '../sealed/packed-stream';
import { StorageFault } from '../storage/storage-fault';
import type { SweptStorage } from '../storage/swept-storage';

export interface UploadPorts {
  readonly records: Pick<Repositories, 'uploads'>;
  readonly storage: SweptStorage;
  readonly secrets: SecretBox;
  readonly scratch: ScratchEngine;
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

export type Received = { readonly ok: true; readonly uploadId: string } | { readonly ok: false; readonly message: string };

const keptMs = dayMs;

class Refused extends Error {}

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
    const message = refusalOf(error);
    await records.uploads.write(file.organizationId, id, { state: 'REFUSED', errorMessage: message ?? 'The upload was broken off.' });
    if (message === undefined) throw error;
    return { ok: false, message };
  }
}

async function take(
  { storage, scratch }: UploadPorts, row: UploadRow, dataKey: Uint8Array, { body, bytesMax }: IncomingFile,
): Promise<{ readonly sizeBytes: number; readonly keyCounts: readonly KeyCount[]; readonly checksum: string }> {
  const [raw, reader, boundTo] = [new Meter(), new RdbReader(), sealedAs.uploadKey(row.id)];
  await storage.put(row.storageKey!, pack(walked(raw.watch(limited(body, bytesMax)), reader), dataKey, boundTo));
  const loaded = await scratch.load(unpack(await storage.get(row.storageKey!), dataKey, boundTo));
  if (!loaded.ok) throw new Refused(`an engine did not load it: ${loaded.message}`);
  return { sizeBytes: raw.bytes, keyCounts: reader.keyCounts, checksum: raw.digest() };
}

async function* limited(body: ByteStream, bytesMax: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new Refused(`the file is larger than ${formatBytes(bytesMax)}`);
    yield chunk;
  }
}

/** Undefined for what is not the file's fault and not ours to explain: the connection broke, the database went away. */
function refusalOf(error: unknown): string | undefined {
  if (error instanceof Refused || error instanceof IntegrityFault || error instanceof StorageFault) return sentence(error.message);
  return undefined;
}
