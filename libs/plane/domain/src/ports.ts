// The control plane's doors to the world, as interfaces: what a room needs of another room it takes from here, and only the
// composition root in apps/control-plane joins them. (The doors to the records are in repositories.ts.)
//
//   Provisioner     local-process driver            libs/plane/provisioner
//   InstanceLink    ioredis to a running store      libs/plane/instance-link
//   SeedSource, DataSource, ScratchEngine, BackupStorage   libs/plane/backups
//   SecretBox       AES-256-GCM envelope            libs/plane/records
//   WakeQueue       BullMQ                          libs/plane/reconcile
//
// Invariant: everything here named ensure… or retire… may be called twice and after a crash in its middle.
import type { KeyCount } from './backup';
import type { Engine, Seed } from './instance';

export type ByteStream = AsyncIterable<Uint8Array>;

// ── processes ───────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface MemberRef {
  readonly organizationId: string;
  readonly instanceId: string;
  readonly memberId: string;
  /** `a`, `b`, … */
  readonly name: string;
}

/** What a process is: a store, a Sentinel (whose file is its memory: written once, then its own), a proxy in front of stores. */
export type ProcessProgram = 'store' | 'sentinel' | 'gate';

/** What the process is started with. The driver writes it as redis.conf into the member's directory, mode 0600. */
export interface ProcessWish extends MemberRef {
  /** Not given: a store. */
  readonly program?: ProcessProgram;
  /** Of a store or a Sentinel. Not given: our own. */
  readonly engine?: Engine;
  /** Members of one group (`<instance>/stores`) lie on different hosts where there are several; a driver of one host has nowhere else to go. */
  readonly apartFrom?: string;
  readonly port: number;
  /** Another member still listens there and will let go; this one waits for it by itself. */
  readonly isPortHeld?: boolean;
  readonly bind: string;
  /** redis.conf directives in order; `maxmemory`, `save`, `dir` … A list, since `save` and `user` repeat. */
  readonly directives: readonly (readonly [name: string, ...values: string[]])[];
}

/** Enough to know a process again after we or the machine restarted. All of it must match; a pid alone never does. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly pidStartTicks: bigint;
  readonly bootId: string;
}

export type ProcessSeen =
  | { readonly state: 'absent' }
  | { readonly state: 'running'; readonly identity: ProcessIdentity }
  | { readonly state: 'exited'; readonly reason: string };

export type Outcome =
  | { readonly outcome: 'done' }
  | { readonly outcome: 'wait'; readonly reason: string; readonly message: string; readonly retryMs: number }
  | { readonly outcome: 'failed'; readonly reason: string; readonly message: string };

/** The two kinds of files that a store loads at its start. */
export type DataKind = 'snapshot' | 'append-log';

export interface Provisioner {
  /** The member's directory, 0700. */
  ensureStorage(member: MemberRef): Promise<{ readonly directory: string }>;
  /**
   * Lays the first data down (temporary name, fsync, rename): a snapshot, or an append-only file in one part, which may begin with an
   * RDB. Refuses to replace what is there.
   */
  seedStorage(member: MemberRef, bytes: ByteStream, kind: DataKind): Promise<void>;
  /** Lays data down beside what is there, whole or not at all; one of the same id takes the place of an earlier try. */
  stageData(member: MemberRef, id: string, bytes: ByteStream, kind: DataKind): Promise<void>;
  /** Puts what was staged under that id in the place of all data; only while no process runs. Nothing where it has been done. */
  adoptData(member: MemberRef, id: string): Promise<void>;
  /** Which of them lie there whole. */
  dataFiles(member: MemberRef): Promise<ReadonlySet<DataKind>>;
  /** Size of the snapshot; null where there is none. */
  snapshotBytes(member: MemberRef): Promise<number | null>;
  /** Whole or not at all: one that dies in its middle has removed the name under which the store would find it. */
  dropData(member: MemberRef, kind: DataKind): Promise<void>;
  observe(member: MemberRef, known: ProcessIdentity | null): Promise<ProcessSeen>;
  /** Starts it, or adopts the one that runs with this very identity file; never a second one. */
  ensureProcess(wish: ProcessWish, known: ProcessIdentity | null): Promise<
    | { readonly outcome: 'running'; readonly identity: ProcessIdentity; readonly isNew: boolean }
    | { readonly outcome: 'failed'; readonly reason: 'PortTaken' | 'SpawnFailed' | 'DiskFull' | 'ExitedAtStart'; readonly message: string }>;
  /** SIGTERM (which saves), after `graceMs` SIGKILL. */
  retireProcess(member: MemberRef, known: ProcessIdentity | null, graceMs: number): Promise<void>;
  /** Only after retireProcess. */
  retireStorage(member: MemberRef): Promise<void>;
  /** Members that have a directory or a process here: finds orphans. */
  list(): Promise<readonly MemberRef[]>;
  isPortFree(port: number): Promise<boolean>;
}

// ── a running store ─────────────────────────────────────────────────────────────────────────────────────────────────────

export interface StoreAddress {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
}

export interface StoreInfo {
  readonly runId: string;
  readonly version: string;
  readonly role: string;
  readonly isLoading: boolean;
  /** Every field of INFO as text; the ones above come from it. */
  readonly fields: ReadonlyMap<string, string>;
}

export type LinkFault =
  | { readonly fault: 'refused' }
  | { readonly fault: 'timeout' }
  | { readonly fault: 'auth' }
  | { readonly fault: 'loading' }
  | { readonly fault: 'reply'; readonly message: string };
export type LinkAnswer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: LinkFault };

/** Each call has its own deadline; none throws for what a store can do to us. Connections are kept and reused by address. */
export interface InstanceLink {
  ping(at: StoreAddress): Promise<LinkAnswer<void>>;
  info(at: StoreAddress): Promise<LinkAnswer<StoreInfo>>;
  configGet(at: StoreAddress, names: readonly string[]): Promise<LinkAnswer<Readonly<Record<string, string>>>>;
  configSet(at: StoreAddress, values: Readonly<Record<string, string>>): Promise<LinkAnswer<void>>;
  configRewrite(at: StoreAddress): Promise<LinkAnswer<void>>;
  /** Makes exactly these passwords valid for the user (SHA-256 hex of each is what the store keeps), others not. */
  setPasswords(at: StoreAddress, username: string, passwords: readonly string[]): Promise<LinkAnswer<void>>;
  save(at: StoreAddress): Promise<LinkAnswer<void>>;
  /** Begins a snapshot, does not wait for it; one that is under way is success as well. */
  startSave(at: StoreAddress): Promise<LinkAnswer<void>>;
  /** One command out of the few for replication and Sentinels; null, text, number and lists as they come. */
  command(at: StoreAddress, words: readonly string[]): Promise<LinkAnswer<unknown>>;
  /** Keys by database and type, read with SCAN … TYPE under a time budget. */
  keyCounts(at: StoreAddress): Promise<LinkAnswer<readonly KeyCount[]>>;
  close(): Promise<void>;
}

/** The user by which the control plane itself speaks to a store, and the tenant's. */
export const systemUsername = 'larder-system';
export const tenantUsername = 'default';
/** Among the stores of one instance: replicas to their primary, Sentinels to both. */
export const replicationUsername = 'larder-replication';
export const sentinelUsername = 'larder-sentinel';

// ── backups ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A consistent RDB out of a running store, and what it held at that cut. */
export interface DataSource {
  open(instanceId: string): Promise<{ readonly rdb: ByteStream; readonly engineVersion: string }>;
}

/** Loads an RDB in a process of its own that nobody else can reach, counts, and leaves nothing behind. */
export interface ScratchEngine {
  load(rdb: ByteStream): Promise<{ readonly ok: true; readonly keyCounts: readonly KeyCount[] } | { readonly ok: false; readonly message: string }>;
}

/** The plain RDB that an instance's first start loads. */
export interface SeedSource {
  open(organizationId: string, seed: Seed): Promise<ByteStream>;
}

export interface StoredObject {
  readonly key: string;
  readonly sizeBytes: number;
  readonly modifiedAt: Date;
}

/** Objects appear whole or not at all: put resolves only when the object is durable, and leaves nothing when it rejects. */
export interface BackupStorage {
  put(key: string, body: ByteStream): Promise<{ readonly sizeBytes: number }>;
  get(key: string): Promise<ByteStream>;
  stat(key: string): Promise<StoredObject | undefined>;
  list(prefix: string): AsyncIterable<StoredObject>;
  /** Removing what is not there is success. */
  delete(key: string): Promise<void>;
  /** `file:/path` or `s3://bucket`, for messages. */
  readonly location: string;
}

// ── secrets, waking ─────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Envelope encryption: each sealed text has its own data key, wrapped by the master key. `boundTo` (`instance:<id>:password`) is
 * authenticated: a text copied to another row does not open.
 */
export interface SecretBox {
  seal(plain: Uint8Array, boundTo: string): string;
  open(sealed: string, boundTo: string): Uint8Array;
}

/** Wakes, never commands: losing every call costs one sweep. Payloads are ids only. */
export interface WakeQueue {
  instance(instanceId: string): Promise<void>;
  backup(backupId: string): Promise<void>;
  /** Removal of a backup's object. */
  backupDeletion(backupId: string): Promise<void>;
}

/** Tells API processes that a row changed, so that subscriptions look again (PostgreSQL NOTIFY). Losing one costs a refresh. */
export interface ChangeFeed {
  subscribe(onChange: (change: Change) => void): () => void;
}
export interface Change {
  /** Access: somebody's rights, an organisation or a plan; id and organisation are empty. */
  readonly noun: 'Instance' | 'Operation' | 'Backup' | 'Access';
  readonly id: string;
  readonly organizationId: string;
}
