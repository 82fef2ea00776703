// The driver against real processes of Debian's redis-server, which goes the same road as larder-server.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { MemberRef, ProcessWish } from '@larder/plane-domain';
import { LocalProcessProvisioner } from './driver';
import { formatConfig } from './config-file';
import { rotateLog } from './log-file';
import { identityFileName, identityOf, isRunning } from './process-identity';
import { takeStartLock } from './start-lock';

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
const withRedis = hasRedis || process.env['CI'] === 'true' ? describe : describe.skip;

const member: MemberRef = { organizationId: 'org', instanceId: 'instance', memberId: 'member', name: 'a' };
const password = 'opening words';
let home: string;
let port: number;
let provisioner: LocalProcessProvisioner;
let exits: string[];

beforeEach(async () => {
  home = mkdtempSync(path.join(tmpdir(), 'larder-provisioner-'));
  port = await freePort();
  exits = [];
  provisioner = driver();
});
afterEach(async () => {
  await provisioner.retireProcess(member, null, 2000);
  rmSync(home, { recursive: true, force: true });
});

withRedis('local-process driver', () => {
  it('starts a store in a directory of its own, with its secrets in the file alone', async () => {
    const started = await provisioner.ensureProcess(wish(), null);
    if (started.outcome !== 'running') throw new Error(started.message);
    expect(started.isNew).toBe(true);
    expect(cli('PING')).toBe('PONG');
    expect(statSync(directory()).mode & 0o777).toBe(0o700);
    expect(statSync(path.join(directory(), 'redis.conf')).mode & 0o777).toBe(0o600);
    expect(readFileSync(`/proc/${started.identity.pid}/cmdline`, 'latin1')).not.toContain('opening');
    expect(await provisioner.observe(member, null)).toEqual({ state: 'running', identity: started.identity });
    expect(await provisioner.list()).toEqual([member]);
  });

  it('adopts what runs instead of starting a second one, also by directory alone', async () => {
    const first = await provisioner.ensureProcess(wish(), null);
    expect(await driver().ensureProcess(wish(), null)).toEqual({ ...first, isNew: false });
    rmSync(path.join(directory(), identityFileName)); // the starter died before it could write this
    expect(await driver().ensureProcess(wish(), null)).toEqual({ ...first, isNew: false });
    writeFileSync(path.join(directory(), identityFileName), '{"pid":'); // or in its middle
    expect(await driver().ensureProcess(wish(), null)).toEqual({ ...first, isNew: false });
    expect(processesIn(directory())).toHaveLength(1);
  });

  it('runs the program of the engine that is asked for, and names one that is not installed', async () => {
    const several = new LocalProcessProvisioner({ home, engineCommand: path.join(home, 'no-such-engine'), otherEngines: { REDIS: 'redis-server' } });
    expect(await several.ensureProcess({ ...wish(), engine: 'REDIS' }, null)).toMatchObject({ outcome: 'running', isNew: true });
    expect(cli('PING')).toBe('PONG');
    expect(await several.ensureProcess({ ...wish(), port: port + 1, memberId: 'other', name: 'b', engine: 'VALKEY' }, null))
      .toEqual({ outcome: 'failed', reason: 'SpawnFailed', message: 'cannot start member b: the engine VALKEY is not installed' });
  });

  it('starts one process for two that ask at once', async () => {
    const results = await Promise.all([provisioner.ensureProcess(wish(), null), driver().ensureProcess(wish(), null)]);
    expect(results.filter((result) => result.outcome === 'running')).toHaveLength(1);
    expect(processesIn(directory())).toHaveLength(1);
  });

  it('tells a crash with its signal and starts again', async () => {
    const first = await provisioner.ensureProcess(wish(), null);
    if (first.outcome !== 'running') throw new Error(first.message);
    const heard = new Promise<void>((resolve) => { onExit = () => resolve(); });
    process.kill(first.identity.pid, 'SIGKILL');
    await heard;
    expect(exits).toEqual(['ended by SIGKILL']);
    const seen = await provisioner.observe(member, first.identity);
    expect(seen).toMatchObject({ state: 'exited', reason: expect.stringContaining('ended by SIGKILL') as string });
    const second = await provisioner.ensureProcess(wish(), first.identity);
    expect(second).toMatchObject({ outcome: 'running', isNew: true });
  });

  it('does not take a reused pid for its own', async () => {
    const foreign = identityOf(process.pid)!;
    const known = { ...foreign, pidStartTicks: foreign.pidStartTicks - 1n };
    expect(await provisioner.observe(member, known)).toMatchObject({ state: 'exited' });
    expect(isRunning(foreign)).toBe(true);
  });

  it('stops a store so that it saves first, and its data is there after the next start', async () => {
    const started = await provisioner.ensureProcess(wish([['save', '3600', '1']]), null);
    cli('SET', 'kept', 'yes');
    await provisioner.retireProcess(member, null, 5000);
    // Not a crash, also for who remembers the process.
    expect(await provisioner.observe(member, started.outcome === 'running' ? started.identity : null)).toEqual({ state: 'absent' });
    await provisioner.ensureProcess(wish([['save', '3600', '1']]), null);
    expect(cli('GET', 'kept')).toBe('yes');
  });

  it('says which port is taken, and why a process left at its start', async () => {
    const server = await listen(port);
    expect(await provisioner.ensureProcess(wish(), null)).toMatchObject({ outcome: 'failed', reason: 'PortTaken', message: `port ${port} is used by another program` });
    expect(await provisioner.isPortFree(port)).toBe(false);
    await new Promise((done) => server.close(done));
    expect(await provisioner.isPortFree(port)).toBe(true);
    const refused = await provisioner.ensureProcess(wish([['maxmemory', 'plenty']]), null);
    expect(refused).toMatchObject({ outcome: 'failed', reason: 'ExitedAtStart', message: expect.stringContaining('maxmemory') as string });
  });

  it('seeds a store with its first data, once, and removes everything of a member at the end', async () => {
    const source = mkdtempSync(path.join(tmpdir(), 'larder-seed-'));
    const rdb = Buffer.from('524544495330303130ff', 'hex'); // REDIS0010, EOF; checksum of an empty one is appended
    async function* bytes(): AsyncIterable<Uint8Array> { yield rdb.subarray(0, 4); yield Buffer.concat([rdb.subarray(4), Buffer.alloc(8)]); }
    await provisioner.seedStorage(member, bytes(), 'snapshot');
    await expect(provisioner.seedStorage(member, bytes(), 'snapshot')).rejects.toThrow('is already there');
    expect(await provisioner.ensureProcess(wish(), null)).toMatchObject({ outcome: 'running' });
    await expect(provisioner.retireStorage(member)).rejects.toThrow('still runs');
    await provisioner.retireProcess(member, null, 2000);
    await provisioner.retireStorage(member);
    await provisioner.retireStorage(member);
    expect(readdirSync(path.join(home, 'instances'))).toEqual([]);
    rmSync(source, { recursive: true });
  });
});

describe('files of a member', () => {
  it('quotes what redis.conf would split or cut', () => {
    expect(formatConfig([['save', ''], ['user', 'default', 'on', '#00ff', '~*'], ['dir', '/a b/"c"\\é']]))
      .toBe('save ""\nuser default on #00ff ~*\ndir "/a b/\\"c\\"\\\\\\xc3\\xa9"\n');
  });

  it('keeps two old logs', () => {
    const file = path.join(home, 'store.log');
    for (const text of ['first', 'second', 'third']) {
      writeFileSync(file, text);
      rotateLog(file, 1);
    }
    expect([1, 2].map((number) => readFileSync(`${file}.${number}`, 'utf8'))).toEqual(['third', 'second']);
    expect(existsSync(`${file}.3`)).toBe(false);
  });

  it('breaks the start lock of a holder that died, not of one that lives', () => {
    const release = takeStartLock(home)!;
    expect(takeStartLock(home)).toBeUndefined();
    release();
    writeFileSync(path.join(home, 'start.lock'), JSON.stringify({ pid: process.pid, pidStartTicks: '1', bootId: 'an earlier boot' }));
    takeStartLock(home)!();
    expect(readdirSync(home)).toEqual([]);
  });
});

let onExit: (() => void) | undefined;

function driver(): LocalProcessProvisioner {
  return new LocalProcessProvisioner({ home, engineCommand: 'redis-server', onExit: (_member, reason) => { exits.push(reason); onExit?.(); } });
}

function wish(directives: ProcessWish['directives'] = []): ProcessWish {
  return { ...member, port, bind: '127.0.0.1', directives: [['requirepass', password], ...directives] };
}

function directory(): string {
  return path.join(home, 'instances', 'instance', 'a');
}

function cli(...args: string[]): string {
  return execFileSync('redis-cli', ['-p', String(port), ...args], { encoding: 'utf8', env: { ...process.env, REDISCLI_AUTH: password } }).trim();
}

function processesIn(place: string): string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readlinkSync(`/proc/${name}/cwd`) === place;
    } catch {
      return false;
    }
  });
}

function listen(on: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject).listen(on, '127.0.0.1', () => resolve(server));
  });
}

async function freePort(): Promise<number> {
  const server = await listen(0);
  const { port: found } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return found;
}
