import { EMPTY_MANIFEST, parseManifest } from '@larder/store-persistence';
import { Args } from '@larder/store-resp';
import { JournalReader, JournalRing, JournalWriter } from '@larder/store-threads';
import { AofWriter } from './aof-writer';
import { MemoryDisk, plain, world } from './aof-writer.testing';

describe('the writer of append-only files', () => {
  it('under always syncs once for all that is there, and only then says that it is safe', () => {
    const { disk, writer, write, increment, safe } = world('always');
    let syncs = 0;
    const sync = disk.sync.bind(disk);
    disk.sync = (fd) => {
      syncs++;
      sync(fd);
    };
    write('SET a 1');
    write('SET b 2', 'INCR c');
    const end = write('DEL a');
    expect(safe()).toBeUndefined();
    writer.turn();
    expect(increment()).toBe('SELECT 0 SET a 1 MULTI SET b 2 INCR c EXEC DEL a');
    expect([syncs, safe()]).toEqual([1, end]);
    expect(disk.durable.get('d/a.1.incr.aof')).toBe(disk.files.get('d/a.1.incr.aof'));
  });

  it('under everysec writes at once and has all of it synced within a second', () => {
    const { disk, time, writer, write, increment, safe } = world('everysec');
    const first = write('SET a 1');
    writer.turn();
    expect(increment()).toBe('SELECT 0 SET a 1');
    expect(disk.pending).toHaveLength(0);
    while (disk.pending.length === 0) {
      const wait = writer.turn();
      time.ms += Math.min(wait, 50);
      expect(time.ms).toBeLessThan(1900);
    }
    write('SET b 2'); // while it runs
    time.ms += 20;
    writer.turn();
    disk.pending.shift()!(null);
    expect(safe()).toBe(first);
    expect(increment()).toBe('SELECT 0 SET a 1 SET b 2');
  });

  it('without a policy acknowledges what is written', () => {
    const { writer, write, safe } = world('no');
    const end = write('SET a 1');
    writer.turn();
    expect(safe()).toBe(end);
  });

  it.each(['always', 'everysec'] as const)('under %s leaves the disk to a save or rewrite if it is told to, and catches up afterwards', (policy) => {
    const settings = { policy, isSyncSuppressed: true, timestamps: false, keepsHistory: false };
    const { disk, time, writer, write, increment, safe } = world(policy, settings);
    const end = write('SET a 1');
    for (let i = 0; i < 40; i++) {
      writer.turn();
      time.ms += 50;
    }
    // Two seconds on: written, acknowledged, not forced to disk.
    expect([increment(), safe(), disk.pending.length, disk.durable.get('d/a.1.incr.aof')]).toEqual(['SELECT 0 SET a 1', end, 0, undefined]);
    writer.handle({ kind: 'settings', settings: { ...settings, isSyncSuppressed: false } });
    writer.turn();
    disk.pending.shift()?.(null);
    expect(disk.durable.get('d/a.1.incr.aof')).toBe(disk.files.get('d/a.1.incr.aof'));
  });

  it('notes the second in which commands were written', () => {
    const { time, writer, write, disk } = world('no', { timestamps: true });
    write('SET a 1');
    writer.turn();
    write('SET b 2');
    writer.turn();
    time.ms += 1000;
    write('SET c 3');
    writer.turn();
    expect(disk.files.get('d/a.1.incr.aof')!.match(/#TS:\d+|SET\r\n\$1\r\n./g)).toEqual(['#TS:1700000001', 'SET\r\n$1\r\na', 'SET\r\n$1\r\nb', '#TS:1700000002', 'SET\r\n$1\r\nc']);
  });

  it('takes back what a full disk took half of, says so, and writes it when there is room', () => {
    const { disk, time, writer, write, increment, said, safe } = world('always');
    const before = write('SET a 1');
    writer.turn();
    disk.bytesMax = [...disk.files.values()].join('').length + 10;
    const end = write('SET b 2');
    writer.turn();
    expect(increment()).toBe('SELECT 0 SET a 1');
    expect(said).toContainEqual({ kind: 'fault', what: 'write', reason: 'No space left on device', isFatal: false });
    expect(safe()).toBe(before);
    disk.bytesMax = Infinity;
    writer.turn();
    expect(safe()).toBe(before); // it is tried again after a second
    time.ms += 1000;
    writer.turn();
    expect(increment()).toBe('SELECT 0 SET a 1 SET b 2');
    expect(safe()).toBe(end);
    expect(said).toContainEqual({ kind: 'healed', needsRewrite: false });
  });

  it('never calls safe what a sync failed for; under always that is the end', () => {
    const { disk, writer, write, said, safe } = world('always');
    disk.syncFails = true;
    write('SET a 1');
    writer.turn();
    expect(safe()).not.toBe(write('SET b 2'));
    expect(said).toContainEqual({ kind: 'fault', what: 'sync', reason: 'I/o error', isFatal: true });
  });

  it('after a sync that failed under everysec asks for a rewrite once syncs work again', () => {
    const { disk, time, writer, write, said } = world('everysec');
    write('SET a 1');
    writer.turn();
    time.ms += 900;
    writer.turn();
    disk.pending.shift()!(Object.assign(new Error('EIO'), { errno: -5 }));
    expect(said).toContainEqual({ kind: 'fault', what: 'sync', reason: 'I/o error', isFatal: false });
    time.ms += 1000;
    writer.turn();
    disk.pending.shift()!(null);
    expect(said).toContainEqual({ kind: 'healed', needsRewrite: true });
  });

  it('goes over to a new increment exactly at the cut, with the old one synced and the manifest written before', () => {
    const { ring, disk, writer, write, increment, said } = world('everysec');
    write('SET a 1');
    const at = ring.head;
    write('SET b 2', 'SET c 3');
    writer.handle({ kind: 'rotate', at, isTemporary: false });
    writer.turn();
    expect([increment(1), increment(2)]).toEqual(['SELECT 0 SET a 1', 'SELECT 0 MULTI SET b 2 SET c 3 EXEC']);
    expect(plain(disk.durable.get('d/a.1.incr.aof')!)).toBe('SELECT 0 SET a 1');
    expect(disk.durable.get('d/a.manifest')).toContain('file a.2.incr.aof seq 2 type i');
    expect(said).toContainEqual({ kind: 'rotated' });
  });

  it('stays with its increment when a new one cannot be had', () => {
    const { ring, disk, writer, write, increment, said } = world('everysec');
    write('SET a 1');
    writer.turn();
    disk.replace = () => {
      throw Object.assign(new Error('ENOSPC'), { errno: -28 });
    };
    writer.handle({ kind: 'rotate', at: ring.head, isTemporary: false });
    write('SET b 2');
    writer.turn();
    expect(said).toContainEqual({ kind: 'notRotated' });
    expect(increment(1)).toBe('SELECT 0 SET a 1 SET b 2');
  });

  it('puts a finished rewrite in place and deletes what it made superfluous', () => {
    const { ring, disk, writer, write, said } = world('no');
    disk.files.set('d/a.1.base.rdb', 'old base');
    write('SET a 1');
    writer.handle({ kind: 'rotate', at: ring.head, isTemporary: false });
    disk.files.set('temp', 'new base');
    writer.handle({ kind: 'rewritten', temporary: 'temp', format: 'rdb' });
    expect([...disk.files.keys()].sort()).toEqual(['d/a.2.base.rdb', 'd/a.2.incr.aof', 'd/a.manifest']);
    expect(disk.files.get('d/a.manifest')).toBe('file a.2.base.rdb seq 2 type b\nfile a.2.incr.aof seq 2 type i\n');
    expect(said).toContainEqual({ kind: 'rewritten', baseBytes: 8, size: 0 });
  });

  it('keeps what a rewrite made superfluous while it is told to, and deletes it once it no longer is', () => {
    const { ring, disk, writer, write } = world('no', { keepsHistory: true, timestamps: true });
    disk.files.set('d/a.1.base.rdb', 'old base');
    write('SET a 1');
    writer.handle({ kind: 'rotate', at: ring.head, isTemporary: false });
    write('SET b 2');
    writer.turn();
    // The new increment tells its time, although the second is still the same.
    expect(plain(disk.files.get('d/a.2.incr.aof')!)).toBe('#TS:1700000001 SELECT 0 SET b 2');
    disk.files.set('temp', 'new base');
    writer.handle({ kind: 'rewritten', temporary: 'temp', format: 'rdb' });
    expect([...disk.files.keys()].sort()).toEqual(['d/a.1.base.rdb', 'd/a.1.incr.aof', 'd/a.2.base.rdb', 'd/a.2.incr.aof', 'd/a.manifest']);
    expect(disk.files.get('d/a.manifest')).toContain('file a.1.incr.aof seq 1 type h\n');
    writer.handle({ kind: 'settings', settings: { policy: 'no', isSyncSuppressed: false, timestamps: true, keepsHistory: false } });
    expect([...disk.files.keys()].sort()).toEqual(['d/a.2.base.rdb', 'd/a.2.incr.aof', 'd/a.manifest']);
    expect(disk.files.get('d/a.manifest')).toBe('file a.2.base.rdb seq 2 type b\nfile a.2.incr.aof seq 2 type i\n');
  });

  it('leaves a manifest that loads, wherever a rewrite dies', () => {
    // Every step of the disk fails once; what the manifest names must exist each time.
    for (let step = 0; step < 12; step++) {
      const { ring, disk, writer, write } = world('always');
      disk.files.set('d/a.1.base.rdb', 'old base');
      write('SET a 1');
      writer.turn();
      let left = step;
      for (const name of ['open', 'rename', 'remove', 'replace', 'sync'] as const) {
        const real = disk[name].bind(disk) as (...args: unknown[]) => unknown;
        (disk as unknown as Record<string, unknown>)[name] = (...args: unknown[]) => {
          if (left-- === 0) throw Object.assign(new Error('EIO'), { errno: -5 });
          return real(...args);
        };
      }
      writer.handle({ kind: 'rotate', at: ring.head, isTemporary: false });
      disk.files.set('temp', 'new base');
      writer.handle({ kind: 'rewritten', temporary: 'temp', format: 'rdb' });
      const read = parseManifest(disk.files.get('d/a.manifest')!);
      if (read.fault !== undefined) throw new Error(read.fault.reason);
      for (const { name } of [read.manifest.base!, ...read.manifest.increments]) expect([step, disk.files.has(`d/${name}`)]).toEqual([step, true]);
    }
  });

  it('goes on behind a part of a write that could be neither finished nor taken back', () => {
    const { disk, time, writer, write, increment, safe } = world('always');
    disk.truncateFails = true;
    disk.bytesMax = [...disk.files.values()].join('').length + 90;
    const end = write('SET a 1', `SET b ${'v'.repeat(500)}`);
    writer.turn();
    expect(increment()).not.toBe('');
    disk.bytesMax = Infinity;
    time.ms += 1000;
    writer.turn();
    expect(increment()).toBe(`SELECT 0 MULTI SET a 1 SET b ${'v'.repeat(500)} EXEC`);
    expect(safe()).toBe(end);
  });

  it.each(['rotate', 'rewritten'] as const)('keeps what the manifest names when the folder of a new one cannot be synced (%s)', (when) => {
    const { ring, disk, writer, write, said } = world('no');
    disk.files.set('d/a.1.base.rdb', 'old base');
    write('SET a 1');
    if (when === 'rotate') disk.folderFails = true;
    writer.handle({ kind: 'rotate', at: ring.head, isTemporary: false });
    disk.folderFails = true;
    disk.files.set('temp', 'new base');
    writer.handle({ kind: 'rewritten', temporary: 'temp', format: 'rdb' });
    expect(said.at(-1)).toEqual({ kind: 'notRewritten' });
    for (const text of [disk.files.get('d/a.manifest')!, disk.durable.get('d/a.manifest')!]) {
      for (const [, name] of text.matchAll(/^file (\S+)/gm)) expect([...disk.files.keys()]).toContain(`d/${name}`);
    }
    write('SET b 2');
    writer.turn();
    // What is written goes where either manifest finds it last.
    expect(plain(disk.files.get(`d/a.${when === 'rotate' ? 1 : 2}.incr.aof`)!)).toContain('SET b 2');
  });

  it('puts the old manifest back when the folder of the new one cannot be synced just then', () => {
    const { ring, disk, writer, write } = world('no');
    disk.files.set('d/a.1.base.rdb', 'old base');
    write('SET a 1');
    writer.handle({ kind: 'rotate', at: ring.head, isTemporary: false });
    const before = disk.files.get('d/a.manifest');
    const replace = disk.replace.bind(disk);
    disk.folderFails = true;
    disk.replace = (path, temporary, text) => {
      try {
        replace(path, temporary, text);
      } finally {
        disk.folderFails = false;
      }
    };
    disk.files.set('temp', 'new base');
    writer.handle({ kind: 'rewritten', temporary: 'temp', format: 'rdb' });
    expect(disk.files.get('d/a.manifest')).toBe(before);
    expect([...disk.files.keys()].sort()).toEqual(['d/a.1.base.rdb', 'd/a.1.incr.aof', 'd/a.2.incr.aof', 'd/a.manifest']);
  });

  it('drops a base whose increment could not be begun: the open one holds what the base has too', () => {
    const { ring, disk, writer, write, said } = world('always');
    disk.files.set('d/a.1.base.rdb', 'old base');
    write('INCR a');
    writer.turn();
    const before = disk.files.get('d/a.manifest');
    const { open } = disk;
    disk.open = () => {
      throw Object.assign(new Error('EMFILE'), { errno: -24 });
    };
    writer.handle({ kind: 'rotate', at: ring.head, isTemporary: false });
    disk.open = open;
    disk.files.set('temp', 'new base');
    writer.handle({ kind: 'rewritten', temporary: 'temp', format: 'rdb' });
    expect(said.at(-1)).toEqual({ kind: 'notRewritten' });
    expect(disk.files.get('d/a.manifest')).toBe(before);
  });

  it('while appendonly waits for its first base writes only what came after the cut, into a file that no manifest names', () => {
    const ring = new JournalRing(JournalRing.reserve(1 << 16));
    const journal = new JournalWriter(ring);
    const disk = new MemoryDisk();
    const writer = new AofWriter({
      source: new JournalReader(ring), position: ring.head, disk, folder: 'd', prefix: 'a', manifest: EMPTY_MANIFEST, opens: false,
      settings: { policy: 'no', isSyncSuppressed: false, timestamps: false, keepsHistory: false }, say: () => undefined, now: () => 0, monotonic: () => 0,
    });
    const write = (line: string) => {
      journal.append(0, new Args().set(line.split(' ')));
      journal.commit();
    };
    write('SET before 1');
    writer.handle({ kind: 'rotate', at: ring.head, isTemporary: true });
    write('SET after 1');
    writer.turn();
    expect([...disk.files.keys()]).toEqual(['d/temp-a.incr']);
    disk.files.set('temp', 'base');
    writer.handle({ kind: 'rewritten', temporary: 'temp', format: 'rdb' });
    write('SET later 1');
    writer.turn();
    expect(plain(disk.files.get('d/a.1.incr.aof')!)).toBe('SELECT 0 SET after 1 SET later 1');
    expect(disk.files.get('d/a.manifest')).toBe('file a.1.base.rdb seq 1 type b\nfile a.1.incr.aof seq 1 type i\n');
  });
});
