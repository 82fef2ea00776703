/**
 * A Sentinel as a process of its own, ours or redis-server's, with its configuration in a folder of its own and everything it tells
 * its subscribers kept in order.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectRaw, freePort, repositoryRoot, storeBinary, waitFor } from '@larder/shared-testing';
import type { PlainReply, RawClient } from '@larder/shared-testing';
import { parseReply, toPlain } from '@larder/shared-testing';

export type SentinelKind = 'ours' | 'stock';

export interface SentinelEvent {
  readonly channel: string;
  readonly message: string;
  readonly atMs: number;
}

const living = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

export function sentinelCommand(kind: SentinelKind, configFile: string): [program: string, args: string[]] {
  if (kind === 'stock') return [storeBinary('redis-server'), [configFile, '--sentinel']];
  const binary = process.env['LARDER_SERVER_BIN'];
  if (binary !== undefined) return [binary, [configFile, '--sentinel']];
  return [join(repositoryRoot(), 'apps/data-plane/bin/larder-sentinel'), [configFile]];
}

/** Runs a Sentinel that is expected to refuse its configuration; what it wrote and its status. */
export function runToEnd(kind: SentinelKind, text: string): Promise<{ output: string; code: number | null }> {
  const dir = mkdtempSync(join(tmpdir(), 'larder-sentinel-'));
  const configFile = join(dir, 'sentinel.conf');
  writeFileSync(configFile, text);
  const child = spawn(...sentinelCommand(kind, configFile), { cwd: dir });
  living.add(child);
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) => {
    child.once('close', (code) => {
      living.delete(child);
      rmSync(dir, { recursive: true, force: true });
      resolve({ output, code });
    });
  });
}

export class SentinelProcess {
  readonly kind: SentinelKind;
  readonly port: number;
  readonly dir: string;
  readonly events: SentinelEvent[] = [];
  private child!: ChildProcess;
  private client: RawClient | undefined;
  private listener: RawClient | undefined;
  private written = '';
  private hasEnded = false;

  private constructor(kind: SentinelKind, port: number) {
    this.kind = kind;
    this.port = port;
    this.dir = mkdtempSync(join(tmpdir(), 'larder-sentinel-'));
  }

  /** `lines` follow its port and address. */
  static async start(kind: SentinelKind, lines: readonly string[]): Promise<SentinelProcess> {
    const sentinel = new SentinelProcess(kind, await freePort());
    writeFileSync(sentinel.configFile, [`port ${sentinel.port}`, 'bind 127.0.0.1', ...lines, ''].join('\n'));
    await sentinel.begin();
    return sentinel;
  }

  get configFile(): string {
    return join(this.dir, 'sentinel.conf');
  }

  get configText(): string {
    return readFileSync(this.configFile, 'latin1');
  }

  log(): string {
    return this.written;
  }

  /** Begins, or begins again as another kind with the file that is there. */
  async begin(kind: SentinelKind = this.kind): Promise<void> {
    (this as { kind: SentinelKind }).kind = kind;
    this.hasEnded = false;
    const [program, args] = sentinelCommand(kind, this.configFile);
    this.child = spawn(program, args, { cwd: this.dir, stdio: ['ignore', 'pipe', 'pipe'] });
    living.add(this.child);
    for (const stream of [this.child.stdout!, this.child.stderr!]) stream.on('data', (chunk: Buffer) => (this.written += chunk.toString('latin1')));
    this.child.once('close', () => {
      this.hasEnded = true;
      living.delete(this.child);
    });
    this.client = await waitFor(`the ${kind} Sentinel on port ${this.port}`, async () => {
      if (this.hasEnded) throw new Error(`it ended:\n${this.written}`);
      return connectRaw({ port: this.port });
    });
    this.listener = await connectRaw({ port: this.port });
    await this.listener.command('PSUBSCRIBE', '*');
    void this.listen(this.listener);
  }

  private async listen(listener: RawClient): Promise<void> {
    try {
      for (;;) {
        const [frame] = await listener.frames(1, 3_600_000);
        const [, , channel, message] = toPlain(parseReply(frame!)) as string[];
        this.events.push({ channel: channel!, message: message!, atMs: performance.now() });
      }
    } catch {
      // It ended, or the test did.
    }
  }

  ask(...command: string[]): Promise<PlainReply> {
    return this.client!.ask(...command);
  }

  raw(...command: string[]): ReturnType<RawClient['command']> {
    return this.client!.command(...command);
  }

  /** SENTINEL MASTER and its like, by name. */
  async fields(...command: string[]): Promise<Map<string, string>> {
    return asMap(await this.ask('SENTINEL', ...command));
  }

  async all(...command: string[]): Promise<Map<string, string>[]> {
    return ((await this.ask('SENTINEL', ...command)) as PlainReply[]).map(asMap);
  }

  async primaryPort(name = 'mymaster'): Promise<number> {
    const [, port] = (await this.ask('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name)) as string[];
    return Number(port);
  }

  seen(channel: string): SentinelEvent[] {
    return this.events.filter((event) => event.channel === channel);
  }

  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.client?.close();
    this.listener?.close();
    if (this.hasEnded) return;
    this.child.kill(signal);
    await waitFor('the Sentinel to end', () => this.hasEnded);
  }

  async remove(): Promise<void> {
    await this.end();
    if (existsSync(this.dir)) rmSync(this.dir, { recursive: true, force: true });
  }
}

function asMap(flat: PlainReply): Map<string, string> {
  const words = flat as string[];
  return new Map(words.flatMap((name, at) => (at % 2 === 0 ? [[name, words[at + 1]!] as const] : [])));
}
