/** A writer of append-only files over a disk in memory, with a clock that is stepped: for tests. */
import { EMPTY_MANIFEST, aofNames, formatManifest, withNewBase, withNewIncrement } from '@larder/store-persistence';
import { Args } from '@larder/store-resp';
import { JournalReader, JournalRing, JournalWriter } from '@larder/store-threads';
import { FolderNotSynced } from './aof-disk';
import type { Disk } from './aof-disk';
import { AofWriter } from './aof-writer';
import type { AofWriterSettings, FromAofWriter } from './aof-writer';

/** Files in memory that can fill up, and syncs that can fail or take their time. */
export class MemoryDisk implements Disk {
  readonly files = new Map<string, string>();
  /** What would be there after the power went. */
  readonly durable = new Map<string, string>();
  bytesMax = Infinity;
  syncFails = false;
  truncateFails = false;
  /** The folder cannot be synced: files that are replaced are in place nevertheless. */
  folderFails = false;
  readonly open_ = new Map<number, string>();
  readonly pending: ((error: Error | null) => void)[] = [];
  private next = 3;

  private get used(): number {
    return [...this.files.values()].reduce((sum, text) => sum + text.length, 0);
  }

  open(path: string, fresh: boolean): number {
    if (fresh || !this.files.has(path)) this.files.set(path, '');
    this.open_.set(this.next, path);
    return this.next++;
  }
  close(fd: number): void {
    if (!this.open_.delete(fd)) throw new Error(`file ${fd} is not open`);
  }
  size(fd: number): number {
    return this.files.get(this.open_.get(fd)!)!.length;
  }
  write(fd: number, bytes: Buffer, off: number, length: number): number {
    const room = Math.max(0, Math.min(length, this.bytesMax - this.used));
    if (room === 0) throw fault('ENOSPC', -28);
    const path = this.open_.get(fd)!;
    this.files.set(path, this.files.get(path)! + bytes.toString('latin1', off, off + room));
    return room;
  }
  truncate(fd: number, bytes: number): void {
    if (this.truncateFails) throw fault('EIO', -5);
    const path = this.open_.get(fd)!;
    this.files.set(path, this.files.get(path)!.slice(0, bytes));
  }
  sync(fd: number): void {
    if (this.syncFails) throw fault('EIO', -5);
    const path = this.open_.get(fd)!;
    this.durable.set(path, this.files.get(path)!);
  }
  syncAside(fd: number, done: (error: Error | null) => void): void {
    this.pending.push((error) => {
      if (error === null) this.sync(fd);
      done(error);
    });
  }
  rename(from: string, to: string): void {
    this.files.set(to, this.files.get(from)!);
    this.files.delete(from);
    for (const [fd, path] of this.open_) if (path === from) this.open_.set(fd, to);
  }
  remove(path: string): void {
    this.files.delete(path);
  }
  replace(path: string, _: string, text: string): void {
    if (this.bytesMax - this.used < text.length) throw fault('ENOSPC', -28);
    this.files.set(path, text);
    if (this.folderFails) throw new FolderNotSynced(fault('EIO', -5));
    this.durable.set(path, text);
  }
}

export function world(policy: AofWriterSettings['policy'], more: Partial<AofWriterSettings> = {}) {
  const ring = new JournalRing(JournalRing.reserve(1 << 16));
  const journal = new JournalWriter(ring);
  const disk = new MemoryDisk();
  const said: FromAofWriter[] = [];
  const time = { ms: 1000 };
  const manifest = withNewIncrement(withNewBase(EMPTY_MANIFEST, 'a', 'rdb'), 'a');
  disk.replace('d/a.manifest', '', formatManifest(manifest));
  const writer = new AofWriter({
    source: new JournalReader(ring),
    position: ring.head,
    disk,
    folder: 'd',
    prefix: 'a',
    manifest,
    settings: { policy, isSyncSuppressed: false, timestamps: false, keepsHistory: false, ...more },
    opens: true,
    say: (message) => void said.push(message),
    now: () => 1_700_000_000_000 + time.ms,
    monotonic: () => time.ms,
  });
  const write = (...lines: string[]) => {
    for (const line of lines) journal.append(0, new Args().set(line.split(' ')));
    journal.commit();
    return journal.position;
  };
  const increment = (seq = 1) => plain(disk.files.get(`d/${aofNames.increment('a', seq)}`) ?? '');
  const safe = () => said.filter((message) => message.kind === 'safe').at(-1)?.position;
  return { ring, journal, disk, said, time, writer, write, increment, safe };
}

export const plain = (text: string) => text.replace(/[*$]\d+\r\n/g, '').replaceAll('\r\n', ' ').trim();

function fault(code: string, errno: number): Error {
  return Object.assign(new Error(code), { errno });
}
