/**
 * `npm start`: builds what is not built and brings Larder up, whole, on this machine.
 *
 *   PostgreSQL -> queue -> API, worker -> console        stopped in the reverse order, tenants' instances after the worker
 *
 * Invariants
 * - State lies in LARDER_HOME alone. A second start finds everything there; one start at a time works on it.
 * - What was started is stopped by Ctrl-C or SIGTERM, tenants' instances saved first. What a killed start left behind is ended or, as
 *   PostgreSQL and the instances, adopted by the next: never two on one directory.
 * - A child that dies is started again; only a failure of the first start ends the start.
 */
import './extension-hook.ts';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { ensureBuilt } from '../build/build.ts';
import { at, root } from '../build/workspace.ts';
import { identityOf, readIdentityFile, sameIdentity, writeIdentityFile } from '../../libs/plane/provisioner/src/local-process/process-identity.ts';
import { startEmbeddedPostgres } from '../../apps/control-plane/src/embedded/postgres.ts';
import type { EmbeddedPostgres } from '../../apps/control-plane/src/embedded/postgres.ts';
import { Child, endLeftover, runDirectory } from './child.ts';
import type { ChildPlan } from './child.ts';
import { answersHttp, answersPing, isPortFree } from './probes.ts';
import { stopStores } from './tenant-stores.ts';
import type { Settings } from '../../libs/plane/domain/src/settings.ts';

const startedAt = performance.now();

/** A refusal with everything a person needs; no stack. */
class Refusal extends Error {}

interface Stoppable {
  readonly name: string;
  stop(): Promise<void>;
}

interface FirstSignIn {
  readonly email: string;
  readonly password: string;
}

class Start {
  readonly #settings: Settings;
  readonly #home: string;
  /** In the order of starting. */
  readonly #up: Stoppable[] = [];
  #signIn: FirstSignIn | undefined;
  #isStopping = false;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#home = path.resolve(root, settings.home);
  }

  async run(): Promise<void> {
    this.#prepareHome();
    await this.#endLeftovers();
    await this.#refuseTakenPorts();
    await ensureBuilt();
    process.on('SIGINT', () => this.#onSignal()).on('SIGTERM', () => this.#onSignal()).on('SIGHUP', () => this.#onSignal());
    try {
      await this.#bringUp();
    } catch (error) {
      // Stopped while it was coming up: the signal's own road ends the process.
      if (this.#isStopping) return;
      await this.#stop();
      throw error;
    }
    if (!this.#isStopping) await this.#welcome();
  }

  // ── before ────────────────────────────────────────────────────────────────────────────────────────────────────────────

  #prepareHome(): void {
    const isNew = !existsSync(this.#home);
    mkdirSync(this.#home, { recursive: true });
    // Where PostgreSQL runs as another user it must be able to pass through; everything inside has its own narrow mode.
    if (isNew) chmodSync(this.#home, 0o711);
    const run = runDirectory(this.#home, 'start');
    const other = readIdentityFile(run);
    const living = other && identityOf(other.pid);
    if (living && sameIdentity(living, other) && other.pid !== process.pid) {
      throw new Refusal(`Larder is already running on ${this.#home} (process ${other.pid}); stop it first, or give LARDER_HOME another directory.`);
    }
    mkdirSync(run, { recursive: true, mode: 0o700 });
    writeIdentityFile(run, identityOf(process.pid)!);
  }

  async #endLeftovers(): Promise<void> {
    for (const name of ['console', 'api', 'worker', 'queue']) {
      if (await endLeftover(this.#home, name, 3000)) say(name, 'one that an earlier start left behind was stopped');
    }
  }

  async #refuseTakenPorts(): Promise<void> {
    const { apiPort, consolePort, workerPort, queuePort, queueUrl, databasePort, databaseUrl, bindAddress } = this.#settings;
    const isPostgresLeft = existsSync(path.join(this.#home, 'postgres/data/postmaster.pid')); // it is looked at more closely when adopted
    const wanted: readonly (readonly [name: string, port: number, host: string])[] = [
      ['API_PORT', apiPort, bindAddress], ['WORKER_PORT', workerPort, bindAddress],
      ...(existsSync(at('apps/console/package.json')) ? [['CONSOLE_PORT', consolePort, bindAddress] as const] : []),
      ...(queueUrl === null ? [['QUEUE_PORT', queuePort, '127.0.0.1'] as const] : []),
      ...(databaseUrl === null && !isPostgresLeft ? [['DATABASE_PORT', databasePort, '127.0.0.1'] as const] : []),
    ];
    const taken: string[] = [];
    for (const [name, port, host] of wanted) {
      if (!(await isPortFree(port, host))) taken.push(`  ${name}: port ${port} is taken by another program; set ${name} to another port`);
    }
    if (taken.length > 0) throw new Refusal(['Larder cannot start:', ...taken].join('\n'));
  }

  // ── up ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  async #bringUp(): Promise<void> {
    const [databaseUrl, queueUrl] = await Promise.all([
      this.#settings.databaseUrl ?? this.#startPostgres(), this.#settings.queueUrl ?? this.#startQueue(),
    ]);
    if (this.#isStopping) return;
    const env = { ...process.env, LARDER_HOME: this.#home, DATABASE_URL: databaseUrl, QUEUE_URL: queueUrl, NODE_ENV: 'production' };
    // The API migrates and the worker waits for the same lock: started together they are up together.
    const children = [this.#startChild(this.#apiPlan(env)), this.#startChild(this.#workerPlan(env))];
    if (existsSync(at('apps/console/package.json'))) children.push(this.#startChild(this.#consolePlan(env)));
    await Promise.all(children);
  }

  async #startPostgres(): Promise<string> {
    const begun = performance.now();
    const options = {
      directory: path.join(this.#home, 'postgres'), port: this.#settings.databasePort, resolveFrom: at('package.json'),
      onProgress: (line: string) => say('postgres', line),
    };
    let postgres: EmbeddedPostgres = await startEmbeddedPostgres(options);
    const { url, isAdopted } = postgres;
    say('postgres', `${isAdopted ? 'adopted' : 'ready'} on port ${this.#settings.databasePort} (${seconds(begun)})`);
    const keepUp = async (): Promise<void> => {
      for (let pauseMs = 100; !this.#isStopping; pauseMs = Math.min(10_000, pauseMs * 2)) {
        await postgres.exited;
        if (this.#isStopping) return;
        say('postgres', 'has ended; started again');
        try {
          postgres = await startEmbeddedPostgres(options);
          pauseMs = 100;
        } catch (error) {
          say('postgres', (error as Error).message);
          await new Promise((wake) => setTimeout(wake, pauseMs));
        }
      }
    };
    void keepUp();
    this.#up.unshift({ name: 'postgres', stop: () => postgres.stop() });
    return url;
  }

  async #startQueue(): Promise<string> {
    const { queuePort } = this.#settings;
    const directory = path.join(this.#home, 'queue');
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const password = ensureSecret(path.join(directory, 'password'));
    const config = path.join(directory, 'redis.conf');
    writeFileSync(config, [
      `port ${queuePort}`, 'bind 127.0.0.1', `dir "${directory}"`, 'dbfilename dump.rdb', `requirepass ${password}`, 'maxmemory-policy noeviction',
      // Wakes alone lie here, and losing all of them costs one sweep: a second of them is nothing.
      'appendonly yes', 'appendfsync everysec', 'save ""',
      'threads 1', // BullMQ's scripts reach for keys they do not declare: they would stop other threads
      '',
    ].join('\n'), { mode: 0o600 });
    await this.#startChild({
      name: 'queue', command: at('apps/data-plane/bin/larder-server'), args: [config], cwd: directory, env: process.env, stopMs: 3000,
      isReady: () => answersPing(queuePort, password),
    });
    return `redis://:${password}@127.0.0.1:${queuePort}/0`;
  }

  #apiPlan(env: ChildPlan['env']): ChildPlan {
    const { apiPort } = this.#settings;
    return {
      name: 'api', command: process.execPath, args: [at('dist/apps/control-plane/main.mjs')], cwd: root, env, stopMs: 2000,
      isReady: () => answersHttp(`http://${this.#probeHost()}:${apiPort}/healthz`),
      onMessage: (message, answer) => this.#hear(message, answer),
    };
  }

  #workerPlan(env: ChildPlan['env']): ChildPlan {
    return {
      name: 'worker', command: process.execPath, args: [at('dist/apps/control-plane/worker.mjs')], cwd: root, env, stopMs: 2500,
      isReady: () => answersHttp(`http://${this.#probeHost()}:${this.#settings.workerPort}/readyz`),
    };
  }

  #consolePlan(env: ChildPlan['env']): ChildPlan {
    const { consolePort, apiPort, bindAddress } = this.#settings;
    return {
      name: 'console', command: process.execPath, args: [at('apps/console/server/main.ts')], cwd: at('apps/console'), stopMs: 1500,
      // The console knows the API alone: neither database nor queue nor keys.
      env: {
        ...Object.fromEntries(Object.entries(env).filter(([name]) => !/URL$|KEY|TOKEN|SECRET/.test(name))),
        CONSOLE_PORT: String(consolePort), CONSOLE_HOST: bindAddress, API_URL: `http://${this.#probeHost()}:${apiPort}`,
      },
      isReady: () => answersHttp(`http://${this.#probeHost()}:${consolePort}/`),
    };
  }

  async #startChild(plan: ChildPlan): Promise<void> {
    const begun = performance.now();
    const child = new Child(plan, this.#home, (line) => say(plan.name, line));
    this.#up.push({ name: plan.name, stop: () => child.stop() });
    say(plan.name, 'starting');
    await child.start();
    say(plan.name, `ready (${seconds(begun)})`);
  }

  /** The API tells the first administrator's sign-in once; it counts as shown when we say so. */
  #hear(message: unknown, answer: (message: object) => void): void {
    const { firstSignIn } = message as { firstSignIn?: FirstSignIn };
    if (firstSignIn === undefined) return;
    this.#signIn = firstSignIn;
    this.#markShown = () => answer({ firstSignInShown: true });
  }

  #markShown: () => void = () => undefined;

  #probeHost(): string {
    return this.#settings.bindAddress === '0.0.0.0' ? '127.0.0.1' : this.#settings.bindAddress;
  }

  async #welcome(): Promise<void> {
    const { publicHost, publicUrl, consolePort, apiPort } = this.#settings;
    const graphql = `http://${publicHost}:${apiPort}/graphql`;
    const lines = [
      '', `Larder is up after ${seconds(startedAt)}. Ctrl-C stops it, instances included; its state lies in ${this.#home}`, '',
      ...(existsSync(at('apps/console/package.json')) ? [`  Console   ${publicUrl ?? `http://${publicHost}:${consolePort}`}`] : []),
      `  GraphQL   ${graphql}`,
      ...(this.#signIn ? ['', `  Sign in   ${this.#signIn.email}`, `  Password  ${this.#signIn.password}     (shown this once)`] : []),
      ...(this.#signIn ? await example(graphql, this.#signIn) : []), '',
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
    this.#markShown();
  }

  // ── down ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

  #onSignal(): void {
    if (this.#isStopping) {
      this.#isHurried = true;
      return;
    }
    process.stdout.write('\n');
    void this.#stop().then(() => process.exit(0));
  }

  #isHurried = false;

  async #stop(): Promise<void> {
    this.#isStopping = true;
    const begun = performance.now();
    // Nobody wishes anything any more, then nobody starts anything any more, then the stores save and leave, then what they all stood on.
    await this.#stopNamed('console', 'api', 'worker');
    const { left, killed } = await stopStores(this.#home, (waitedMs, open) => this.#isWorthWaiting(waitedMs, open));
    if (left + killed > 0) say('instances', `${left} saved and stopped${killed > 0 ? `, ${killed} killed` : ''}`);
    await this.#stopNamed('queue');
    await this.#stopNamed('postgres');
    say('larder', `stopped (${seconds(begun)})`);
  }

  #toldAtMs = 0;

  /** A save is never cut off by impatience of ours, only by a second Ctrl-C. */
  #isWorthWaiting(waitedMs: number, open: number): boolean {
    if (waitedMs - this.#toldAtMs > 3000) {
      this.#toldAtMs = waitedMs;
      say('instances', `${open} still saving; Ctrl-C again kills them and loses what is not saved`);
    }
    return !this.#isHurried;
  }

  async #stopNamed(...names: string[]): Promise<void> {
    await Promise.all(this.#up.filter((each) => names.includes(each.name)).map(async (each) => {
      try {
        await each.stop();
      } catch (error) {
        say(each.name, `cannot be stopped: ${(error as Error).message}`);
      }
    }));
  }
}

/** Two lines that work as they are: sign in, then ask for a cache. */
async function example(graphql: string, { email, password }: FirstSignIn): Promise<string[]> {
  const signIn = 'mutation { signIn(input: { email: "EMAIL", password: "PASSWORD" }) { ... on SignInPayload { viewer { organizations { nodes { id } } } } } }'
    .replace('EMAIL', email).replace('PASSWORD', password);
  const response = await fetch(graphql, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query: signIn }) });
  const organizationId = /"id":"([^"]+)"/.exec(await response.text())?.[1] ?? 'ORGANIZATION';
  const create = `mutation { createInstance(input: { organizationId: "${organizationId}", name: "first", plan: "nano" }) `
    + '{ ... on CreateInstancePayload { instance { name } credentials { username password } } ... on Refusal { message } } }';
  const line = (query: string): string => `  curl -s -b larder.cookie -c larder.cookie -H 'content-type: application/json' ${graphql} -d '${JSON.stringify({ query })}'`;
  return ['', 'Two lines to paste; the console then shows its endpoint:', line(signIn), line(create)];
}

function ensureSecret(file: string): string {
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}

function say(scope: string, line: string): void {
  process.stdout.write(`${scope.padEnd(14)} ${line}\n`);
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}

async function main(): Promise<void> {
  const { describeFaults, parseSettings } = await import('../../libs/plane/domain/src/settings.ts');
  const parsed = parseSettings(process.env);
  if (!parsed.ok) throw new Refusal(describeFaults(parsed.faults));
  await new Start(parsed.value).run();
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Refusal ? error.message : error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
