// Backups in an S3-compatible bucket. Small objects go up in one PUT, larger ones by parts; either way the object is there whole or not.
//
// Invariants
// - Each request is signed over its body's SHA-256: a part damaged on its way is refused by the service.
// - An upload that fails is aborted; one whose process was killed is found by removePartial(), since S3 keeps (and bills) its parts.
// - Memory: two parts.
import { createHash } from 'node:crypto';
import { AwsClient } from 'aws4fetch';
import { mebibyte, secondMs } from '@larder/shared-std';
import type { ByteStream, StoredObject } from '@larder/plane-domain';
import { inPieces } from '../byte-streams';
import type { SweptStorage } from './swept-storage';
import { StorageFault, checkKey } from './storage-fault';

export interface S3Options {
  readonly bucket: string;
  /** Without a slash at either end; empty for none. */
  readonly prefix: string;
  /** Null: AWS itself. */
  readonly endpoint: string | null;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** At least 5 MiB for AWS, at most 10,000 parts an object: 16 MiB hold 156 GiB. */
  readonly partBytes?: number;
}

const retries = 3;
const requestMsMax = 120 * secondMs;

export class S3Storage implements SweptStorage {
  readonly #options: S3Options;
  readonly #client: AwsClient;
  readonly #bucketUrl: string;

  constructor(options: S3Options) {
    this.#options = options;
    const { accessKeyId, secretAccessKey, region } = options;
    this.#client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries });
    // Path style for whatever is not AWS: a bucket of a private service seldom has a host name of its own.
    this.#bucketUrl = options.endpoint === null
      ? `https://${options.bucket}.s3.${options.region}.amazonaws.com` : `${options.endpoint.replace(/\/$/, '')}/${options.bucket}`;
  }

  get location(): string {
    return `s3://${[this.#options.bucket, this.#options.prefix].filter(Boolean).join('/')}`;
  }

  async put(key: string, body: ByteStream): Promise<{ readonly sizeBytes: number }> {
    const upload = new PartsUpload((query, init) => this.#request(`write ${key}`, this.#objectUrl(key), query, init));
    try {
      for await (const { bytes, isLast } of inPieces(body, this.#options.partBytes ?? 16 * mebibyte)) await upload.add(bytes, isLast);
      return { sizeBytes: await upload.finish() };
    } catch (error) {
      await upload.abort();
      throw error;
    }
  }

  async get(key: string): Promise<ByteStream> {
    const response = await this.#request(`read ${key}`, this.#objectUrl(key), {}, { method: 'GET' }, null);
    return response.body as unknown as ByteStream;
  }

  async stat(key: string): Promise<StoredObject | undefined> {
    const response = await this.#request(`look at ${key}`, this.#objectUrl(key), {}, { method: 'HEAD' }, requestMsMax, [404]);
    if (response.status === 404) return undefined;
    return { key, sizeBytes: Number(response.headers.get('content-length')), modifiedAt: new Date(response.headers.get('last-modified') ?? 0) };
  }

  async *list(prefix: string): AsyncGenerator<StoredObject> {
    const own = this.#options.prefix === '' ? '' : `${this.#options.prefix}/`;
    let token: string | undefined;
    do {
      const query = { 'list-type': '2', prefix: own + prefix, ...(token === undefined ? {} : { 'continuation-token': token }) };
      const answer = await (await this.#request(`list ${prefix}`, this.#bucketUrl, query, { method: 'GET' })).text();
      for (const entry of blocksOf(answer, 'Contents')) {
        yield { key: textOf(entry, 'Key').slice(own.length), sizeBytes: Number(textOf(entry, 'Size')), modifiedAt: new Date(textOf(entry, 'LastModified')) };
      }
      token = textOf(answer, 'IsTruncated') === 'true' ? textOf(answer, 'NextContinuationToken') : undefined;
    } while (token);
  }

  async delete(key: string): Promise<void> {
    await this.#request(`delete ${key}`, this.#objectUrl(key), {}, { method: 'DELETE' }, requestMsMax, [404]);
  }

  async removePartial(before: Date): Promise<number> {
    // Not every compatible service lists uploads; one that does not expires them by a rule of the bucket.
    const listed = await this.#request('list uploads', this.#bucketUrl, { uploads: '' }, { method: 'GET' }, requestMsMax, [400, 403, 404, 405, 501]);
    if (!listed.ok) return 0;
    const own = this.#options.prefix === '' ? '' : `${this.#options.prefix}/`;
    let removed = 0;
    for (const entry of blocksOf(await listed.text(), 'Upload')) {
      const key = textOf(entry, 'Key');
      if (!key.startsWith(own) || new Date(textOf(entry, 'Initiated')) >= before) continue;
      await this.#request(`abort ${key}`, this.#objectUrl(key.slice(own.length)), { uploadId: textOf(entry, 'UploadId') }, { method: 'DELETE' }, requestMsMax, [404]);
      removed += 1;
    }
    return removed;
  }

  #objectUrl(key: string): string {
    return [this.#bucketUrl, this.#options.prefix, checkKey(key)].filter(Boolean).join('/');
  }

  async #request(
    doing: string, url: string, query: Readonly<Record<string, string>>, init: { readonly method: string; readonly body?: Uint8Array },
    timeoutMs: number | null = requestMsMax, expected: readonly number[] = [],
  ): Promise<Response> {
    const target = Object.keys(query).length === 0 ? url : `${url}?${new URLSearchParams(query).toString()}`;
    const what = `${doing} in ${this.location}`;
    let response: Response;
    try {
      response = await this.#client.fetch(target, {
        method: init.method, headers: { 'x-amz-content-sha256': createHash('sha256').update(init.body ?? '').digest('hex') },
        ...(init.body === undefined ? {} : { body: init.body as unknown as string }),
        ...(timeoutMs === null ? {} : { signal: AbortSignal.timeout(timeoutMs) }),
      });
    } catch (error) {
      throw new StorageFault(what, (error as Error).cause ?? error);
    }
    if (response.ok || expected.includes(response.status)) return response;
    const answer = await response.text();
    const said = textOf(answer, 'Message') || textOf(answer, 'Code') || response.statusText;
    const fault = Object.assign(new Error(`${response.status} ${said}`), response.status === 507 ? { code: 'ENOSPC' } : {});
    throw new StorageFault(what, fault);
  }
}

type Send = (query: Readonly<Record<string, string>>, init: { readonly method: string; readonly body?: Uint8Array }) => Promise<Response>;

/** One PUT where the first part is the last one, too. */
class PartsUpload {
  readonly #send: Send;
  #id: string | undefined;
  #isWhole = false;
  #sizeBytes = 0;
  readonly #tags: string[] = [];

  constructor(send: Send) {
    this.#send = send;
  }

  async add(bytes: Uint8Array, isLast: boolean): Promise<void> {
    this.#sizeBytes += bytes.length;
    if (isLast && this.#tags.length === 0) {
      await this.#send({}, { method: 'PUT', body: bytes });
      this.#isWhole = true;
      return;
    }
    this.#id ??= textOf(await (await this.#send({ uploads: '' }, { method: 'POST' })).text(), 'UploadId');
    const response = await this.#send({ partNumber: String(this.#tags.length + 1), uploadId: this.#id }, { method: 'PUT', body: bytes });
    this.#tags.push(response.headers.get('etag') ?? '');
  }

  async finish(): Promise<number> {
    if (this.#isWhole) return this.#sizeBytes;
    if (this.#id === undefined) {
      await this.#send({}, { method: 'PUT', body: new Uint8Array(0) });
      return 0;
    }
    const parts = this.#tags.map((tag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${tag}</ETag></Part>`).join('');
    const response = await this.#send({ uploadId: this.#id }, { method: 'POST', body: Buffer.from(`<CompleteMultipartUpload>${parts}</CompleteMultipartUpload>`) });
    // 200 is sent before the work is done; the body says how it ended.
    const answer = await response.text();
    if (answer.includes('<Error>')) throw new Error(`the service could not put the parts together: ${textOf(answer, 'Message')}`);
    return this.#sizeBytes;
  }

  async abort(): Promise<void> {
    if (this.#id === undefined) return;
    await this.#send({ uploadId: this.#id }, { method: 'DELETE' }).catch(() => undefined);
  }
}

function blocksOf(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([\\s\\S]*?)</${name}>`, 'g'))].map((match) => match[1]!);
}

function textOf(xml: string, name: string): string {
  const text = new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(xml)?.[1] ?? '';
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, entity: string) => ({ lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' })[entity]!);
}
