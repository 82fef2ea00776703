// The link to a running store, over ioredis: one connection per address and user, kept, and thrown away at the first fault so that the
// next call begins afresh. Nothing here throws for what a store can do to us: refusal, silence, loading, an error reply are answers.
//
// Invariants: every call ends within its deadline; a password is never part of a message or of a key that is printed.
import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import type { InstanceLink, KeyCount, LinkAnswer, LinkFault, StoreAddress, StoreInfo } from '@larder/plane-domain';
import { parseInfo } from './info';

export interface LinkOptions {
  readonly connectTimeoutMs?: number;
  readonly commandTimeoutMs?: number;
  /** SAVE writes everything before it answers. */
  readonly saveTimeoutMs?: number;
  readonly keyCountTimeoutMs?: number;
}

export class IoredisInstanceLink implements InstanceLink {
  readonly #options: Required<LinkOptions>;
  readonly #kept = new Map<string, Redis>();

  constructor(options: LinkOptions = {}) {
    this.#options = { connectTimeoutMs: 1000, commandTimeoutMs: 2000, saveTimeoutMs: 120_000, keyCountTimeoutMs: 120_000, ...options };
  }

  ping(at: StoreAddress): Promise<LinkAnswer<void>> {
    return this.#ask(at, async (redis) => void (await redis.ping()));
  }

  info(at: StoreAddress): Promise<LinkAnswer<StoreInfo>> {
    return this.#ask(at, async (redis) => parseInfo(await redis.info()));
  }

  configGet(at: StoreAddress, names: readonly string[]): Promise<LinkAnswer<Readonly<Record<string, string>>>> {
    return this.#ask(at, async (redis) => {
      const flat = (await redis.call('CONFIG', 'GET', ...names)) as string[];
      return Object.fromEntries(flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1]!]] : [])));
    });
  }

  configSet(at: StoreAddress, values: Readonly<Record<string, string>>): Promise<LinkAnswer<void>> {
    return this.#ask(at, async (redis) => void (await redis.call('CONFIG', 'SET', ...Object.entries(values).flat())));
  }

  configRewrite(at: StoreAddress): Promise<LinkAnswer<void>> {
    return this.#ask(at, async (redis) => void (await redis.call('CONFIG', 'REWRITE')));
  }

  setPasswords(at: StoreAddress, username: string, passwords: readonly string[]): Promise<LinkAnswer<void>> {
    const hashes = passwords.map((password) => `#${createHash('sha256').update(password).digest('hex')}`);
    return this.#ask(at, async (redis) => void (await redis.call('ACL', 'SETUSER', username, 'on', 'resetpass', ...hashes)));
  }

  save(at: StoreAddress): Promise<LinkAnswer<void>> {
    return this.#alone(at, this.#options.saveTimeoutMs, async (redis) => void (await redis.call('SAVE')));
  }

  startSave(at: StoreAddress): Promise<LinkAnswer<void>> {
    return this.#ask(at, async (redis) => {
      await redis.call('BGSAVE').catch((error: Error) => { if (!isOtherWork(error)) throw error; });
    });
  }

  startRewrite(at: StoreAddress): Promise<LinkAnswer<void>> {
    return this.#ask(at, async (redis) => {
      await redis.call('BGREWRITEAOF').catch((error: Error) => { if (!isOtherWork(error)) throw error; });
    });
  }

  /** Resolves when a background save that began after this call has ended well; one that was running is awaited first. */
  backgroundSave(at: StoreAddress): Promise<LinkAnswer<void>> {
    return this.#alone(at, this.#options.commandTimeoutMs, (redis) => saveInBackground(redis, this.#options.saveTimeoutMs));
  }

  command(at: StoreAddress, words: readonly string[]): Promise<LinkAnswer<unknown>> {
    return this.#ask(at, (redis) => redis.call(words[0]!, ...words.slice(1)));
  }

  keyCounts(at: StoreAddress): Promise<LinkAnswer<readonly KeyCount[]>> {
    return this.#alone(at, this.#options.keyCountTimeoutMs, (redis) => countKeys(redis));
  }

  async close(): Promise<void> {
    for (const redis of this.#kept.values()) drop(redis);
    this.#kept.clear();
  }

  async #ask<T>(at: StoreAddress, act: (redis: Redis) => Promise<T>): Promise<LinkAnswer<T>> {
    const key = keyOf(at);
    const kept = this.#kept.get(key);
    const redis = kept ?? this.#connection(at, this.#options.commandTimeoutMs);
    this.#kept.set(key, redis);
    const answer = await answerOf(redis, act);
    if (!answer.ok && answer.error.fault !== 'reply') {
      drop(redis);
      if (this.#kept.get(key) === redis) this.#kept.delete(key);
      // A kept connection may only tell that its server was replaced since: that is worth one fresh try.
      if (kept && answer.error.fault === 'refused') return this.#ask(at, act);
    }
    return answer;
  }

  /** For long work, and for work that changes the connection's own state. */
  async #alone<T>(at: StoreAddress, timeoutMs: number, act: (redis: Redis) => Promise<T>): Promise<LinkAnswer<T>> {
    const redis = this.#connection(at, timeoutMs);
    try {
      return await answerOf(redis, act);
    } finally {
      drop(redis);
    }
  }

  #connection(at: StoreAddress, commandTimeout: number): Redis {
    const redis = new Redis({
      host: at.host, port: at.port, username: at.username, password: at.password, connectionName: 'larder-control-plane',
      lazyConnect: true, enableReadyCheck: false, disableClientInfo: true, retryStrategy: () => null, maxRetriesPerRequest: 0,
      connectTimeout: this.#options.connectTimeoutMs, commandTimeout, disconnectTimeout: 0,
    });
    redis.on('error', () => undefined); // without a listener ioredis prints; each fault reaches its caller as an answer
    return redis;
  }
}

/** ioredis would wait two seconds for the other side's goodbye. */
function drop(redis: Redis): void {
  redis.disconnect();
  (redis as unknown as { stream?: { destroy(): void } }).stream?.destroy();
}

/** ioredis rejects every failed connect with "Connection is closed."; why it was closed is told by the error event alone. */
function connected(redis: Redis): Promise<void> {
  return new Promise((resolve, reject) => {
    redis.once('error', reject);
    redis.connect().then(() => {
      redis.off('error', reject);
      resolve();
    }, reject);
  });
}

async function answerOf<T>(redis: Redis, act: (redis: Redis) => Promise<T>): Promise<LinkAnswer<T>> {
  try {
    if (redis.status === 'wait') await connected(redis);
    return { ok: true, value: await act(redis) };
  } catch (error) {
    return { ok: false, error: faultOf(error as Error & { code?: string }) };
  }
}

function faultOf(error: Error & { code?: string }): LinkFault {
  const message = error.message;
  if (/^(WRONGPASS|NOAUTH|ERR invalid password|ERR Client sent AUTH)/.test(message)) return { fault: 'auth' };
  if (/^LOADING/.test(message)) return { fault: 'loading' };
  if (/timed out|ETIMEDOUT/.test(message) || error.code === 'ETIMEDOUT') return { fault: 'timeout' };
  if (error.name === 'ReplyError') return { fault: 'reply', message };
  return { fault: 'refused' };
}

function keyOf(at: StoreAddress): string {
  const secret = createHash('sha256').update(at.password).digest('base64');
  return `${at.host}:${at.port}:${at.username}:${secret}`;
}

const savePollMs = 20;

/** A save point came in between, or the append-only file is being rewritten: both end by themselves. */
function isOtherWork(error: Error): boolean {
  return /already in progress|another child process is active/i.test(error.message);
}

async function saveInBackground(redis: Redis, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  const persistence = async (): Promise<ReadonlyMap<string, string>> => {
    for (;;) {
      const { fields } = parseInfo(await redis.info('persistence'));
      if (fields.get('rdb_bgsave_in_progress') !== '1') return fields;
      if (performance.now() > deadline) throw Object.assign(new Error('BGSAVE timed out'), { code: 'ETIMEDOUT' });
      await new Promise((wake) => setTimeout(wake, savePollMs));
    }
  };
  for (;;) {
    await persistence();
    try {
      await redis.call('BGSAVE');
      break;
    } catch (error) {
      if (!isOtherWork(error as Error)) throw error;
      if (performance.now() > deadline) throw Object.assign(new Error('BGSAVE timed out'), { code: 'ETIMEDOUT' });
      await new Promise((wake) => setTimeout(wake, savePollMs));
    }
  }
  if ((await persistence()).get('rdb_last_bgsave_status') === 'ok') return;
  throw Object.assign(new Error('the background save failed; its log says why'), { name: 'ReplyError' });
}

const scanCount = 1000;

/** Exact while nothing writes, as in a scratch engine; a good picture otherwise. */
async function countKeys(redis: Redis): Promise<KeyCount[]> {
  const counts: KeyCount[] = [];
  const databases = [...parseInfo(await redis.info('keyspace')).fields.keys()].flatMap((name) => /^db(\d+)$/.exec(name)?.[1] ?? []);
  for (const database of databases.map(Number).sort((left, right) => left - right)) {
    await redis.select(database);
    const byType = new Map<string, number>();
    let cursor = '0';
    do {
      const [next, keys] = await redis.scanBuffer(cursor, 'COUNT', scanCount) as unknown as [Buffer, Buffer[]];
      const types = await redis.pipeline(keys.map((key) => ['type', key])).exec() ?? [];
      for (const [error, type] of types) {
        if (error) throw error;
        if (type !== 'none') byType.set(type as string, (byType.get(type as string) ?? 0) + 1);
      }
      cursor = String(next);
    } while (cursor !== '0');
    for (const [type, keys] of [...byType].sort()) counts.push({ database, type, keys });
  }
  return counts;
}
