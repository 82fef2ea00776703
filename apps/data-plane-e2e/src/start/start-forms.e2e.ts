/**
 * How larder-server is started, and how it ends: configuration by file, arguments and standard input, addresses, signals,
 * links, other users, the background. Error texts and statuses are those that supervisors of redis-server know.
 */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { connectRaw, freePort, storeBinary, waitFor } from '@larder/shared-testing';

interface Run {
  readonly child: ChildProcess;
  output: string;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

describe('larder-server', () => {
  let dir: string;
  const running: Run[] = [];

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'larder-start-'));
    chmodSync(dir, 0o777);
  });
  afterEach(async () => {
    for (const run of running.splice(0)) {
      run.child.kill('SIGKILL');
      await run.ended;
    }
    rmSync(dir, { recursive: true, force: true });
  });

  function start(args: readonly string[], options: { input?: string; cwd?: string; binary?: string; prefix?: readonly string[]; env?: NodeJS.ProcessEnv } = {}): Run {
    const [program, ...rest] = [...(options.prefix ?? []), options.binary ?? storeBinary('larder-server'), ...args];
    const child = spawn(program!, rest, { cwd: options.cwd ?? dir, stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...options.env } });
    const run: Run = { child, output: '', ended: new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal }))) };
    for (const stream of [child.stdout!, child.stderr!]) stream.setEncoding('utf8').on('data', (text: string) => (run.output += text));
    child.stdin!.on('error', () => undefined).end(options.input ?? '');
    running.push(run);
    return run;
  }

  const ready = (run: Run) =>
    waitFor('the server to be ready', () => {
      if (run.child.exitCode !== null) throw new Error(run.output);
      return run.output.includes('Ready to accept connections');
    });

  async function ask(port: number, host: string, ...command: string[]) {
    const client = await connectRaw({ port, host });
    const answer = await client.ask(...command);
    client.close();
    return answer;
  }

  const overSocket = (path: string, line: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(path);
      socket.once('error', reject).once('connect', () => socket.write(line)).once('data', (chunk: Buffer) => {
        socket.destroy();
        resolve(chunk.toString('latin1'));
      });
    });

  describe('reads its configuration', () => {
    it('from a file with comments, quotes and includes, where the last word counts', async () => {
      const port = await freePort();
      writeFileSync(join(dir, 'more.conf'), 'maxclients 77\nloglevel verbose\n');
      writeFileSync(join(dir, 'redis.conf'), `# a comment\nport ${port}\nbind 127.0.0.1\nsave ""\nrequirepass "a \\"quoted\\"\\x21 word"\n\nmaxclients 55\ninclude ${join(dir, 'more.conf')}\n  APPENDONLY   no\n`);
      const run = start(['redis.conf', '--loglevel', 'notice']);
      await ready(run);
      const client = await connectRaw({ port, password: 'a "quoted"! word' });
      expect(await client.ask('CONFIG', 'GET', 'maxclients')).toEqual(['maxclients', '77']);
      expect(await client.ask('CONFIG', 'GET', 'loglevel')).toEqual(['loglevel', 'notice']);
      expect(String(await client.ask('INFO', 'server'))).toContain(`config_file:${join(dir, 'redis.conf')}`);
      client.close();
    });

    it.each([
      ['as directives of several words', (port: number) => ['--port', String(port), '--save', '60', '1', '--save', '30', '2', '--bind', '127.0.0.1'], ['save', '60 1 30 2']],
      ['as one word each', (port: number) => [`--port ${port}`, '--maxmemory 3mb', '--bind 127.0.0.1'], ['maxmemory', '3145728']],
      ['with an empty value', (port: number) => ['--port', String(port), '--save', '', '--bind', '127.0.0.1'], ['save', '']],
    ] as const)('from arguments: %s', async (_, args, expected) => {
      const port = await freePort();
      await ready(start(args(port)));
      expect(await ask(port, '127.0.0.1', 'CONFIG', 'GET', expected[0])).toEqual([...expected]);
    });

    it('from standard input after the file', async () => {
      const port = await freePort();
      writeFileSync(join(dir, 'redis.conf'), `port 1\nmaxclients 55\nbind 127.0.0.1\nsave ""\n`);
      await ready(start(['redis.conf', '-'], { input: `port ${port}\nmaxclients 66\n` }));
      expect(await ask(port, '127.0.0.1', 'CONFIG', 'GET', 'maxclients')).toEqual(['maxclients', '66']);
    });
  });

  describe('refuses to start with status 1', () => {
    it.each([
      ['an unknown directive', ['--nosuch', '1'], /\*\*\* FATAL CONFIG FILE ERROR \(Redis 7\.0\.15\) \*\*\*\nReading the configuration file, at line 2\n>>> 'nosuch "1"'\nBad directive or wrong number of arguments\n/],
      ['a value that is none', ['--port', 'abc'], /\*\*\* FATAL CONFIG FILE ERROR \(Redis 7\.0\.15\) \*\*\*\nReading the configuration file, at line 2\n>>> 'port "abc"'\nargument couldn't be parsed into an integer\n/],
      ['a file that is not there', ['/nosuch/redis.conf'], /Fatal error, can't open config file '\/nosuch\/redis\.conf': No such file or directory/],
      ['nothing to listen on', ['--port', '0', '--save', ''], /Configured to not listen anywhere, exiting\./],
      ['an address that is not here', ['--bind', '192.0.2.1', '--port', '17', '--save', ''], /Could not create server TCP listening socket 192\.0\.2\.1:17: bind: .*\n.*Failed listening on port 17 \(TCP\), aborting\./i],
      ['a socket path that cannot be made', ['--port', '0', '--unixsocket', '/nosuch/larder.sock', '--save', ''], /Failed opening Unix socket: bind: /],
    ])('for %s', async (_, args, words) => {
      const run = start(args);
      expect(await run.ended).toEqual({ code: 1, signal: null });
      expect(run.output).toMatch(words);
    });

    it('for a port that is taken', async () => {
      const holder = createServer();
      const port = await new Promise<number>((resolve) => holder.listen(0, '127.0.0.1', () => resolve((holder.address() as { port: number }).port)));
      const run = start(['--port', String(port), '--bind', '127.0.0.1', '--save', '']);
      expect(await run.ended).toEqual({ code: 1, signal: null });
      expect(run.output).toMatch(new RegExp(`Could not create server TCP listening socket 127\\.0\\.0\\.1:${port}: bind: Address already in use\n.*Failed listening on port ${port} \\(TCP\\), aborting\\.`));
      holder.close();
    });
  });

  describe('listens', () => {
    const hasIpv6 = Object.values(networkInterfaces()).flat().some((each) => each?.address === '::1');

    it('on every address of `bind`', async () => {
      const port = await freePort();
      await ready(start(['--port', String(port), '--bind', '127.0.0.1', '127.0.0.2', '-192.0.2.1', '--save', '']));
      for (const host of ['127.0.0.1', '127.0.0.2']) expect(await ask(port, host, 'PING')).toBe('PONG');
    });

    (hasIpv6 ? it : it.skip)('on IPv6, beside IPv4 on the same port, and shows such clients in brackets', async () => {
      const port = await freePort();
      await ready(start(['--port', String(port), '--bind', '127.0.0.1', '::1', '--save', '']));
      expect(String(await ask(port, '::1', 'CLIENT', 'LIST'))).toMatch(/addr=\[::1\]:\d+ laddr=\[::1\]:\d+ /);
      expect(await ask(port, '127.0.0.1', 'PING')).toBe('PONG');
    });

    it('on a Unix socket alone, with its permissions, over a stale one', async () => {
      const path = join(dir, 'larder.sock');
      writeFileSync(path, 'stale');
      const run = start(['--port', '0', '--unixsocket', path, '--unixsocketperm', '700', '--save', '']);
      await ready(run);
      expect(await overSocket(path, 'CLIENT LIST\r\n')).toContain(`addr=${path}:0 laddr=${path}:0`);
      expect(spawnSync('stat', ['-c', '%a', path], { encoding: 'utf8' }).stdout.trim()).toBe('700');
      run.child.kill('SIGTERM');
      expect(await run.ended).toEqual({ code: 0, signal: null });
    });

    it.each(['1', '2'])('nowhere for a while, with %s threads, and lives on: on its port again when told so over the Unix socket', async (threads) => {
      const [port, path] = [await freePort(), join(dir, 'larder.sock')];
      const run = start(['--port', String(port), '--bind', '127.0.0.1', '--unixsocket', path, '--threads', threads, '--save', '']);
      await ready(run);
      expect(await ask(port, '127.0.0.1', 'CONFIG', 'SET', 'port', '0')).toBe('OK');
      await expect(connectRaw({ port })).rejects.toThrow('ECONNREFUSED');
      for (let i = 0; i < 20; i++) expect(await overSocket(path, 'CLIENT LIST\r\n')).toContain('cmd=client|list'); // asks every thread
      expect(await overSocket(path, `CONFIG SET port ${port}\r\n`)).toBe('+OK\r\n');
      for (let i = 0; i < 10; i++) expect(await ask(port, '127.0.0.1', 'PING')).toBe('PONG');
      run.child.kill('SIGTERM');
      expect(await run.ended).toEqual({ code: 0, signal: null });
      expect(run.output).not.toContain('BUG REPORT');
    });

    it('refuses other hosts while nothing protects it, without running what they sent', async () => {
      const outer = Object.values(networkInterfaces()).flat().find((each) => each?.family === 'IPv4' && !each.internal)?.address;
      if (outer === undefined) return;
      const port = await freePort();
      await ready(start(['--port', String(port), '--bind', '*', '--save', '']));
      const text = await new Promise<string>((resolve) => {
        let all = '';
        const socket = connect({ port, host: outer, localAddress: outer });
        socket.on('data', (chunk: Buffer) => (all += chunk.toString('latin1'))).on('error', () => undefined).on('close', () => resolve(all));
        socket.write('SET stranger here\r\n');
      });
      expect(text === '' || text.startsWith('-DENIED Redis is running in protected mode')).toBe(true);
      expect(await ask(port, '127.0.0.1', 'EXISTS', 'stranger')).toBe(0);
      expect(await ask(port, '127.0.0.1', 'CONFIG', 'SET', 'protected-mode', 'no')).toBe('OK');
      expect(await ask(port, outer, 'PING')).toBe('PONG');
    });
  });

  describe('ends', () => {
    it.each(['SIGTERM', 'SIGINT'] as const)('with status 0 on %s to the process that was started, and leaves no pid file', async (signal) => {
      const port = await freePort();
      const pidFile = join(dir, 'larder.pid');
      const run = start(['--port', String(port), '--bind', '127.0.0.1', '--pidfile', pidFile, '--save', '']);
      await ready(run);
      expect(readFileSync(pidFile, 'utf8')).toBe(`${run.child.pid}\n`);
      expect(String(await ask(port, '127.0.0.1', 'INFO', 'server'))).toContain(`process_id:${run.child.pid}\r\n`);
      run.child.kill(signal);
      expect(await run.ended).toEqual({ code: 0, signal: null });
      expect(run.output).toMatch(new RegExp(`Received ${signal} scheduling shutdown`));
      expect(run.output).toContain('bye bye');
      expect(existsSync(pidFile)).toBe(false);
    });

    it.each([
      ['SIGTERM', 'nosave', '900 1', false],
      ['SIGTERM', 'default', '900 1', true],
      ['SIGINT', 'save now', '', true],
    ] as const)('on %s as shutdown-on-… says: %s, with save "%s"', async (signal, how, save, isSaved) => {
      const port = await freePort();
      const run = start(['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', ...(save === '' ? [''] : save.split(' ')), `--shutdown-on-${signal.toLowerCase()}`, ...how.split(' ')]);
      await ready(run);
      await ask(port, '127.0.0.1', 'SET', 'k', 'v');
      run.child.kill(signal);
      expect(await run.ended).toEqual({ code: 0, signal: null });
      expect(run.output).toContain('User requested shutdown...');
      expect(existsSync(join(dir, 'dump.rdb'))).toBe(isSaved);
    });

    it('with status 0 on SHUTDOWN, saving when save points are set, and starts again with the data', async () => {
      const port = await freePort();
      const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '900', '1'];
      const first = start(args);
      await ready(first);
      await ask(port, '127.0.0.1', 'SET', 'k', 'v');
      const client = await connectRaw({ port });
      client.write('SHUTDOWN\r\n');
      expect(await first.ended).toEqual({ code: 0, signal: null });
      client.close();
      await ready(start(args));
      expect(await ask(port, '127.0.0.1', 'GET', 'k')).toBe('v');
    });
  });

  describe('is found', () => {
    it('through symbolic links, absolute and relative, from any directory', async () => {
      const bin = storeBinary('larder-server');
      symlinkSync(bin, join(dir, 'absolute'));
      symlinkSync(relative(dir, bin), join(dir, 'relative'));
      symlinkSync('relative', join(dir, 'chain'));
      for (const name of ['absolute', 'relative', 'chain']) {
        const port = await freePort();
        await ready(start(['--port', String(port), '--bind', '127.0.0.1', '--save', ''], { binary: join(dir, name), cwd: '/' }));
        expect(await ask(port, '127.0.0.1', 'PING')).toBe('PONG');
      }
    });

    const isRoot = process.getuid?.() === 0 && spawnSync('runuser', ['--version']).status === 0;
    const canRead = isRoot && spawnSync('runuser', ['-u', 'nobody', '--', 'test', '-r', storeBinary('larder-server')]).status === 0;
    (canRead ? it : it.skip)('by an ordinary user who may write nothing but its directory', async () => {
      const port = await freePort();
      const run = start(['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', ''], { prefix: ['runuser', '-u', 'nobody', '--'] });
      await ready(run);
      expect(await ask(port, '127.0.0.1', 'SET', 'k', 'v')).toBe('OK');
      expect(await ask(port, '127.0.0.1', 'SAVE')).toBe('OK');
      expect(existsSync(join(dir, 'dump.rdb'))).toBe(true);
      const client = await connectRaw({ port });
      client.write('SHUTDOWN NOSAVE\r\n');
      await run.ended;
      client.close();
    });
  });

  describe('with supervised systemd', () => {
    const LISTENER = "import socket,sys\ns=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM)\ns.bind(sys.argv[1])\nwhile True: print(s.recv(4096).decode()+chr(10),flush=True)";

    it('tells systemd that it loads, is ready and ends, and does not go to the background', async () => {
      const path = join(dir, 'notify');
      const systemd = start(['-c', LISTENER, path], { binary: 'python3' });
      await waitFor('the socket', () => existsSync(path));
      const port = await freePort();
      const run = start(['--port', String(port), '--supervised', 'auto', '--daemonize', 'yes', '--save', ''], { env: { NOTIFY_SOCKET: path } });
      await ready(run);
      expect(await ask(port, '127.0.0.1', 'INFO', 'server')).toContain('process_supervised:systemd');
      await waitFor('the word', () => systemd.output.includes('READY=1'));
      run.child.kill('SIGTERM');
      expect(await run.ended).toEqual({ code: 0, signal: null });
      await waitFor('the last word', () => systemd.output.includes('STOPPING=1'));
      const words = systemd.output.split('\n').filter((line) => /^(STATUS|READY|STOPPING)=/.test(line));
      expect(words).toEqual(['STATUS=Larder is loading...', 'STATUS=Ready to accept connections', 'READY=1', 'STOPPING=1']);
    });

    it('says that nobody listens, and serves', async () => {
      const port = await freePort();
      const run = start(['--port', String(port), '--supervised', 'systemd', '--save', ''], { env: { NOTIFY_SOCKET: join(dir, 'nobody') } });
      await ready(run);
      expect(run.output).toContain('systemd supervision requested or auto-detected, but systemd-notify failed!');
      expect(await ask(port, '127.0.0.1', 'INFO', 'server')).toContain('process_supervised:no');
    });
  });

  describe('with daemonize yes', () => {
    it('leaves a server in the background once it is ready', async () => {
      const port = await freePort();
      const pidFile = join(dir, 'larder.pid');
      writeFileSync(join(dir, 'redis.conf'), `port ${port}\nbind 127.0.0.1\ndaemonize yes\npidfile ${pidFile}\nlogfile ${join(dir, 'larder.log')}\nsave ""\n`);
      const run = start(['redis.conf', '-'], { input: 'maxclients 99\n' });
      expect(await run.ended).toEqual({ code: 0, signal: null });
      expect(await ask(port, '127.0.0.1', 'CONFIG', 'GET', 'maxclients')).toEqual(['maxclients', '99']);
      const pid = Number(readFileSync(pidFile, 'utf8'));
      expect(pid).not.toBe(run.child.pid);
      expect(readFileSync(join(dir, 'larder.log'), 'utf8')).toContain('Ready to accept connections');
      process.kill(pid, 'SIGTERM');
      await waitFor('the server to end', () => !existsSync(pidFile));
      expect(readFileSync(join(dir, 'larder.log'), 'utf8')).toContain('bye bye');
    });

    it('says with status 1 that nothing was left in the background', async () => {
      const run = start(['--port', '0', '--daemonize', 'yes', '--logfile', join(dir, 'larder.log'), '--save', '']);
      expect(await run.ended).toEqual({ code: 1, signal: null });
      expect(run.output).toContain('did not start in the background');
      expect(readFileSync(join(dir, 'larder.log'), 'utf8')).toContain('Configured to not listen anywhere');
    });
  });
});
