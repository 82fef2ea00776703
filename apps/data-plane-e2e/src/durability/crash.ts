/**
 * One crash: a server under writers, hurt at a random moment, started again, judged. Everything but timing follows the seed.
 *
 *   kill      at any time                      rewrite, save, switch   while that happens
 *   tail      the last file loses its end      flip                    bytes of some file are changed
 *   full      the disk fills, then has room    sync                    forcing bytes to disk fails
 *   power     syncs take up to 2.5 s, and what the last whole one did not cover is gone
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot, startStore, waitFor } from '@larder/shared-testing';
import type { Store } from '@larder/shared-testing';
import { seededRandom } from '../differential/random.ts';
import type { Random } from '../differential/random.ts';
import { Witness } from './witness.ts';

export const wounds = ['kill', 'rewrite', 'save', 'switch', 'tail', 'flip', 'full', 'sync', 'power'] as const;
export type Wound = (typeof wounds)[number];

export interface CrashResult {
  readonly seed: number;
  readonly wound: Wound;
  readonly policy: 'always' | 'everysec';
  readonly threads: number;
  readonly acknowledged: number;
  readonly lost: number;
  readonly lostSpanMs: number;
  /** How it came back: by itself, after larder-check-aof --fix, or not at all. */
  readonly start: 'itself' | 'mended' | 'refused';
  readonly faults: readonly string[];
}

/** What a server may say that does not start, each naming the file and the way out. */
const EXPLAINED =
  /Bad file format reading the append only file|Unexpected end of file reading the append only file|Unknown command .* reading the append only file|FATAL AOF MANIFEST FILE ERROR|Error reading the RDB base file|Unable to obtain the AOF file|Internal error in RDB/;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export async function crash(seed: number, only?: readonly Wound[]): Promise<CrashResult> {
  const random = seededRandom(seed);
  const wound = random.pick(only ?? wounds);
  // What is done to a file behind the server's back, or to the disk, is judged under `always`.
  const policy = wound === 'full' || wound === 'sync' || random.chance(wound === 'power' ? 0.3 : 0.7) ? 'always' : 'everysec';
  const threads = random.pick([1, 1, 2]);
  const dir = mkdtempSync(join(tmpdir(), 'larder-crash-'));
  const mount = wound === 'full' ? mountSmall(dir) : undefined;
  const run = new CrashRun(seed, random, wound, policy, threads, dir);
  try {
    return await run.run();
  } finally {
    await run.end();
    if (mount !== undefined) spawnSync('umount', [dir]);
    rmSync(dir, { recursive: true, force: true });
  }
}

const SMALL_MB = 6;

function mountSmall(dir: string): string | undefined {
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SMALL_MB}m`, 'tmpfs', dir]);
  return status === 0 ? dir : undefined;
}

class CrashRun {
  private readonly faults: string[] = [];
  private store: Store | undefined;
  private readonly witness: Witness;
  /** Of writes after the disk had room again. */
  private later: Witness | undefined;
  private readonly seed: number;
  private readonly random: Random;
  private readonly wound: Wound;
  private readonly policy: 'always' | 'everysec';
  private readonly threads: number;
  private readonly dir: string;

  constructor(seed: number, random: Random, wound: Wound, policy: 'always' | 'everysec', threads: number, dir: string) {
    this.seed = seed;
    this.random = random;
    this.wound = wound;
    this.policy = policy;
    this.threads = threads;
    this.dir = dir;
    this.witness = new Witness(random.between(1, 8), wound === 'full' ? 2_000 : 0);
  }

  private get folder(): string {
    return join(this.dir, 'appendonlydir');
  }

  private args(): string[] {
    const preamble = this.random.chance(0.8) ? 'yes' : 'no';
    const timestamps = this.random.chance(0.3) ? 'yes' : 'no';
    return ['--appendonly', 'yes', '--appendfsync', this.policy, '--threads', String(this.threads), '--auto-aof-rewrite-percentage', '0', '--aof-use-rdb-preamble', preamble, '--aof-timestamp-enabled', timestamps, '--enable-debug-command', 'yes'];
  }

  async run(): Promise<CrashResult> {
    const wrapper = this.wound === 'sync' ? faultyDisk(this.dir, 0) : this.wound === 'power' ? faultyDisk(this.dir, this.random.pick([0, 300, 1200, 2500])) : undefined;
    const store = await startStore({ kind: 'larder-server', dir: this.dir, args: this.args(), ...(wrapper === undefined ? {} : { binary: wrapper }) });
    this.store = store;
    this.witness.start(store, this.random);
    await this.witness.underWay();
    await sleep(this.random.between(0, 150));
    await this.hurt(store);
    await this.witness.ended();
    if (this.wound === 'power') this.losePower();
    const isDamaged = this.damage();
    const again = await this.startAgain(isDamaged);
    if (again === undefined) return this.result('refused', { lost: 0, lostSpanMs: 0, faults: [] });
    this.store = again.store;
    const verdict = await this.witness.judge(again.store);
    const second = await this.later?.judge(again.store);
    if (second !== undefined && second.lost > 0) this.faults.push(`${second.lost} writes after the disk had room again are gone`);
    this.faults.push(...(second?.faults ?? []));
    await again.store.kill();
    // Flipped bytes of a value are nobody's to find: no checksum is in the format.
    const judged = this.wound === 'flip' ? [] : verdict.faults;
    if (!isDamaged && this.policy === 'always' && verdict.lost > 0) this.faults.push(`always lost ${verdict.lost} acknowledged writes`);
    if (!isDamaged && this.policy === 'everysec' && verdict.lostSpanMs > 1000) this.faults.push(`everysec lost writes that were acknowledged over ${Math.round(verdict.lostSpanMs)} ms`);
    return this.result(again.how, { ...verdict, faults: judged });
  }

  async end(): Promise<void> {
    await this.store?.kill();
  }

  private result(start: CrashResult['start'], { lost, lostSpanMs, faults }: { lost: number; lostSpanMs: number; faults: readonly string[] }): CrashResult {
    return { seed: this.seed, wound: this.wound, policy: this.policy, threads: this.threads, acknowledged: this.witness.acknowledged, lost, lostSpanMs, start, faults: [...this.faults, ...faults] };
  }

  private async kill(store: Store): Promise<void> {
    await store.kill();
  }

  private async hurt(store: Store): Promise<void> {
    const { random } = this;
    if (this.wound === 'full') return this.fill(store);
    if (this.wound === 'sync') return this.failSyncs(store);
    if (this.wound === 'power') {
      await sleep(this.random.between(0, 4000));
      return this.kill(store);
    }
    const client = await store.connect(2, 30_000);
    const tell = (...words: string[]) => void client.command(...words).catch(() => undefined);
    if (this.wound === 'rewrite') for (let i = random.between(1, 3); i > 0; i--) {
      tell('BGREWRITEAOF');
      await sleep(random.between(0, 120));
    }
    if (this.wound === 'save') tell('BGSAVE');
    if (this.wound === 'switch') {
      // Off, and on again with its first rewrite: what is acknowledged meanwhile counts again once that is done.
      await client.command('CONFIG', 'SET', 'appendonly', 'no');
      await sleep(random.between(0, 30));
      await client.command('CONFIG', 'SET', 'appendonly', 'yes');
      await waitFor('the first rewrite', async () => String(await client.ask('INFO', 'persistence')).includes('aof_rewrite_in_progress:0'), 10_000);
      await sleep(random.between(0, 60));
      if (random.chance(0.5)) tell('BGREWRITEAOF');
    }
    await sleep(random.between(0, 100));
    await this.kill(store);
    client.close();
  }

  /** The disk fills up: writes are refused, reads go on, and when there is room again so do the writes. */
  private async fill(store: Store): Promise<void> {
    const ballast = join(this.dir, 'ballast');
    writeFileSync(ballast, Buffer.alloc(Math.floor(SMALL_MB * 0.6) << 20));
    const client = await store.connect(2, 30_000);
    try {
      const refused = await waitFor('writes to be refused', async () => {
        const reply = (await client.command('SET', 'probe', 'x'.repeat(5000))).raw.toString('latin1');
        return reply.startsWith('-MISCONF Errors writing to the AOF file: No space left on device') ? reply : undefined;
      }, 30_000);
      if (refused === undefined) this.faults.push('a full disk was not noticed');
      if ((await client.ask('GET', 'seq:w0')) === null) this.faults.push('reads stopped with the disk');
      if (!String(await client.ask('INFO', 'persistence')).includes('aof_last_write_status:err')) this.faults.push('INFO does not say that writing fails');
    } catch {
      // Under `always` the writer that filled it waits for the disk: its reply is held.
      const reader = await store.connect(2, 5_000);
      if ((await reader.ask('GET', 'seq:w0')) === null) this.faults.push('reads stopped with the disk');
      const reply = (await reader.command('SET', 'probe2', 'x')).raw.toString('latin1');
      if (!reply.startsWith('-MISCONF')) this.faults.push(`a full disk answers ${reply.slice(0, 60)}`);
      reader.close();
    }
    rmSync(ballast);
    const healed = await store.connect(2, 30_000);
    await waitFor('writes to go on', async () => (await healed.command('SET', 'healed', '1')).raw.toString('latin1') === '+OK\r\n', 10_000);
    await this.witness.stop();
    this.later = new Witness(2, 0, 'later');
    this.later.start(store, this.random);
    await this.later.underWay();
    await sleep(this.random.between(0, 100));
    await this.kill(store);
    await this.later.ended();
  }

  /** A sync that fails under `always`: nothing unsafe is acknowledged, the server ends and says why. */
  private async failSyncs(store: Store): Promise<void> {
    writeFileSync(join(this.dir, 'sync-fails'), '');
    await Promise.race([store.exited, sleep(10_000)]);
    if (store.isRunning) this.faults.push('a server went on that cannot make anything safe');
    else if (!store.log().includes("Can't persist AOF for fsync error when the AOF fsync policy is 'always'")) this.faults.push('it did not say why it ended');
    rmSync(join(this.dir, 'sync-fails'));
    await store.kill();
  }

  /** The last increment is as long as its last whole sync made it. */
  private losePower(): void {
    const sizes = JSON.parse(readFileSync(join(this.dir, 'synced.json'), 'utf8')) as Record<string, number>;
    const name = readdirSync(this.folder).filter((each) => each.includes('.incr.')).sort().at(-1)!;
    truncateSync(join(this.folder, name), Math.min(sizes[name] ?? 0, statSync(join(this.folder, name)).size));
  }

  /** True when acknowledged writes may be gone by what is done here. */
  private damage(): boolean {
    if (this.wound !== 'tail' && this.wound !== 'flip') return false;
    const names = readdirSync(this.folder).filter((name) => name.includes('.incr.') || (this.wound === 'flip' && name.includes('.base.')));
    const path = join(this.folder, this.wound === 'tail' ? names.filter((name) => name.includes('.incr.')).sort().at(-1)! : this.random.pick(names));
    const { size } = statSync(path);
    if (size === 0) return false;
    if (this.wound === 'tail') {
      truncateSync(path, Math.max(0, size - this.random.between(1, 400)));
      return true;
    }
    const bytes = readFileSync(path);
    for (let i = this.random.between(1, 3); i > 0; i--) bytes[this.random.between(0, size - 1)]! ^= 1 << this.random.between(0, 7);
    writeFileSync(path, bytes);
    return true;
  }

  private async startAgain(isDamaged: boolean): Promise<{ store: Store; how: 'itself' | 'mended' } | undefined> {
    const args = this.args();
    try {
      return { store: await startStore({ kind: 'larder-server', dir: this.dir, args, startTimeoutMs: 20_000 }), how: 'itself' };
    } catch (error) {
      const log = String(error);
      if (!EXPLAINED.test(log)) this.faults.push(`it does not start and does not say why: ${log.slice(-1500)}`);
      if (!isDamaged) this.faults.push(`it does not start by itself: ${log.slice(-1500)}`);
    }
    const tool = join(repositoryRoot(), 'apps/data-plane/bin/larder-check-aof');
    const fixed = spawnSync(tool, ['--fix', join(this.folder, 'appendonly.aof.manifest')], { input: 'y\n', encoding: 'latin1' });
    if (fixed.status !== 0) {
      if (!/not the last file|RDB preamble of AOF file is not sane|not valid|format error/.test(fixed.stdout)) this.faults.push(`larder-check-aof says ${fixed.stdout}${fixed.stderr}`);
      return undefined;
    }
    try {
      return { store: await startStore({ kind: 'larder-server', dir: this.dir, args, startTimeoutMs: 20_000 }), how: 'mended' };
    } catch (error) {
      // A command's name that was changed is whole to whoever does not run it.
      if (!/Unknown command/.test(String(error))) this.faults.push(`it does not start after larder-check-aof --fix: ${String(error).slice(-800)}`);
      return undefined;
    }
  }
}

/**
 * The server's launcher with a disk whose syncs fail while a file says so, or take their time; what they covered is noted, with
 * the length that the file had when each began.
 */
function faultyDisk(dir: string, delayMsMax: number): string {
  const home = join(dir, 'faulty');
  mkdirSync(home);
  writeFileSync(join(dir, 'synced.json'), '{}');
  writeFileSync(
    join(home, 'faults.cjs'),
    `const fs = require('node:fs');
const { basename } = require('node:path');
const real = { fdatasyncSync: fs.fdatasyncSync, fsyncSync: fs.fsyncSync, fdatasync: fs.fdatasync };
const { existsSync, writeFileSync, renameSync } = fs;
const fails = () => existsSync(${JSON.stringify(join(dir, 'sync-fails'))});
const fault = () => Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO', errno: -5, syscall: 'fdatasync' });
const notes = ${JSON.stringify(join(dir, 'synced.json'))};
const about = (fd) => ({ name: basename(fs.readlinkSync('/proc/self/fd/' + fd)), size: fs.fstatSync(fd).size });
const sizes = {};
const note = ({ name, size }) => { sizes[name] = size; writeFileSync(notes + '.new', JSON.stringify(sizes)); renameSync(notes + '.new', notes); };
const nap = new Int32Array(new SharedArrayBuffer(4));
const delay = () => Math.random() * ${delayMsMax};
for (const name of ['fsyncSync', 'fdatasyncSync']) fs[name] = (fd) => {
  if (fails()) throw fault();
  const covered = name === 'fdatasyncSync' ? about(fd) : undefined;
  if (covered) Atomics.wait(nap, 0, 0, delay() / 10);
  real[name](fd);
  if (covered) note(covered);
};
fs.fdatasync = (fd, done) => {
  if (fails()) return void setImmediate(done, fault());
  const covered = about(fd);
  setTimeout(() => real.fdatasync(fd, (error) => { if (!error) note(covered); done(error); }), delay());
};
`,
  );
  const launcher = join(home, 'larder-server');
  const root = repositoryRoot();
  writeFileSync(launcher, `#!/bin/sh\nexec ${root}/node_modules/.bin/node --disable-warning=ExperimentalWarning --require ${home}/faults.cjs ${root}/dist/apps/data-plane/larder-server.cjs "$@"\n`);
  chmodSync(launcher, 0o755);
  return launcher;
}
