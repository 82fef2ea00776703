// A machine in memory: directories, processes with a listening port, and stores that answer. One world, many workers: it goes on while
// they die, as the real one does.
//
// Data is a text that grows with every write (`w1`, `w2`, …). A store persists it as Redis does: snapshots when asked (SIGTERM too, with save
// points), an append-only file whose first writing takes a few questions, and a start that with `appendonly yes` looks at the log alone.
// Of several stores the replicas have at once what their primary has; Sentinels tell what their file says and never choose; a gate leads where the
// first of them says, or where its own file does.
//
// Invariant checked at every start: never two processes in one directory, never two on one port.
import { assert, type Clock } from '@larder/shared-std';
import type {
  ByteStream, DataKind, InstanceLink, LinkAnswer, MemberRef, ProcessIdentity, ProcessProgram, ProcessSeen, ProcessWish, Provisioner, StoreAddress, StoreInfo,
} from '@larder/plane-domain';
import { createHash } from 'node:crypto';

interface FakeProcess {
  readonly identity: ProcessIdentity;
  readonly runId: string;
  readonly program: ProcessProgram;
  port: number;
  readonly directory: string;
  /** Whom it follows; and questions for INFO until it is linked. */
  primaryPort: number | null;
  linkingLeft: number;
  readonly settings: Map<string, string>;
  readonly users: Map<string, Set<string>>;
  answersLoading: number;
  data: string;
  /** Questions for INFO until it is over; what is being saved. */
  saving: { left: number; readonly data: string } | undefined;
  rewritingLeft: number;
  lastSaveAtMs: number;
}

interface FakeDirectory {
  readonly member: MemberRef;
  identity: ProcessIdentity | undefined;
  wasStopped: boolean;
  /** The snapshot, and the append-only file. */
  data: string | undefined;
  log: string | undefined;
  /** A Sentinel's file. */
  watch?: { readonly primaryPort: number; readonly epoch: number };
  staged?: { readonly id: string; readonly text: string; readonly kind: DataKind } | undefined;
}

export class FakeWorld {
  readonly directories = new Map<string, FakeDirectory>();
  readonly processes = new Map<number, FakeProcess>();
  readonly foreignPorts = new Set<number>();
  startsCount = 0;
  loadingAnswersOfNext = 0;
  isDiskFull = false;
  failNextStart: 'ExitedAtStart' | 'DiskFull' | undefined;
  #pid = 1000;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  crash(instanceId: string): void {
    for (const [pid, { directory }] of this.processes) if (directory.startsWith(instanceId)) this.processes.delete(pid);
  }

  /** A tenant writes, and is told that it is done. */
  write(port: number, data: string): boolean {
    const process = this.#at(port);
    if (process?.primaryPort !== null) return false;
    process.data = data;
    for (const replica of this.processes.values()) if (this.#primaryOf(replica) === process && replica.linkingLeft === 0) replica.data = data;
    const directory = this.directories.get(process.directory)!;
    if (isLogged(process) && directory.log !== undefined) directory.log = data;
    return true;
  }

  dataOf(port: number): string | undefined {
    return this.#at(port)?.data;
  }

  accepts(port: number, username: string, password: string): boolean {
    const process = this.#at(port);
    return process?.users.get(username)?.has(sha256(password)) ?? false;
  }

  setting(port: number, name: string): string | undefined {
    return this.#at(port)?.settings.get(name);
  }

  provisioner(): Provisioner {
    return {
      ensureStorage: async (member) => ({ directory: this.#directory(member) }),
      seedStorage: async (member, bytes, kind) => {
        const directory = this.directories.get(this.#directory(member))!;
        const place = kind === 'snapshot' ? 'data' : 'log';
        if (directory[place] !== undefined) throw Object.assign(new Error('there already'), { code: 'EEXIST' });
        directory[place] = await textOf(bytes);
      },
      stageData: async (member, id, bytes, kind) => {
        const directory = this.directories.get(this.#directory(member))!;
        const text = await textOf(bytes);
        directory.staged = { id, text, kind };
      },
      adoptData: async (member, id) => {
        assert(![...this.processes.values()].some((process) => process.directory === keyOf(member)), 'data replaced under a process');
        const directory = this.directories.get(keyOf(member))!;
        const { staged } = directory;
        if (staged?.id !== id) return;
        directory.data = staged.kind === 'snapshot' ? staged.text : undefined;
        directory.log = staged.kind === 'append-log' ? staged.text : undefined;
        directory.staged = undefined;
      },
      dataFiles: async (member) => {
        const directory = this.directories.get(keyOf(member));
        return new Set<DataKind>([...(directory?.data === undefined ? [] : ['snapshot' as const]), ...(directory?.log === undefined ? [] : ['append-log' as const])]);
      },
      snapshotBytes: async (member) => this.directories.get(keyOf(member))?.data?.length ?? null,
      dropData: async (member, kind) => {
        const directory = this.directories.get(keyOf(member));
        if (directory) directory[kind === 'snapshot' ? 'data' : 'log'] = undefined;
      },
      observe: async (member, known) => this.#observe(member, known),
      ensureProcess: async (wish, known) => this.#ensureProcess(wish, known),
      retireProcess: async (member) => {
        const place = keyOf(member);
        const directory = this.directories.get(place);
        for (const [pid, process] of this.processes) {
          if (process.directory !== place) continue;
          if (process.settings.get('save') && directory) directory.data = process.data;
          this.processes.delete(pid);
        }
        if (directory) directory.wasStopped = true;
      },
      retireStorage: async (member) => {
        assert(![...this.processes.values()].some((process) => process.directory === keyOf(member)), 'storage removed under a process');
        this.directories.delete(keyOf(member));
      },
      list: async () => [...this.directories.values()].map(({ member }) => member),
      isPortFree: async (port) => !this.foreignPorts.has(port) && this.#listener(port) === undefined,
    };
  }

  link(): InstanceLink {
    const ask = async <T>(at: StoreAddress, answer: (process: FakeProcess) => LinkAnswer<T>): Promise<LinkAnswer<T>> => {
      const process = this.#at(at.port);
      if (!process) return { ok: false, error: { fault: 'refused' } };
      if (!process.users.get(at.username)?.has(sha256(at.password))) return { ok: false, error: { fault: 'auth' } };
      return answer(process);
    };
    const done: LinkAnswer<void> = { ok: true, value: undefined };
    return {
      ping: (at) => ask(at, () => done),
      info: (at) => ask(at, (process) => ({ ok: true, value: this.#infoOf(process) })),
      configGet: (at, names) => ask(at, ({ settings }) =>
        ({ ok: true, value: Object.fromEntries(names.flatMap((name) => (settings.has(name) ? [[name, settings.get(name)!]] : []))) })),
      configSet: (at, values) => ask(at, (process) => {
        if (values['appendonly'] === 'yes' && !isLogged(process)) process.rewritingLeft = 2;
        if (values['appendonly'] === 'no') process.rewritingLeft = 0;
        const port = Number(values['port'] ?? process.port);
        if (port !== process.port && this.#listener(port) !== undefined) return { ok: false, error: { fault: 'reply', message: 'ERR Unable to listen on this port' } };
        process.port = port;
        for (const [name, value] of Object.entries(values)) process.settings.set(name, value);
        return done;
      }),
      configRewrite: (at) => ask(at, () => done),
      setPasswords: (at, username, passwords) => ask(at, ({ users }) => {
        users.set(username, new Set(passwords.map(sha256)));
        return done;
      }),
      command: (at, words) => ask(at, (process) => this.#command(process, words)),
      save: (at) => ask(at, () => done),
      startSave: (at) => ask(at, (process) => {
        process.saving ??= { left: 1, data: process.data };
        return done;
      }),
      keyCounts: (at) => ask(at, () => ({ ok: true, value: [] })),
      close: async () => undefined,
    };
  }

  #command(process: FakeProcess, [name, what, ...rest]: readonly string[]): LinkAnswer<unknown> {
    if (name === 'REPLICAOF') {
      Object.assign(process, { primaryPort: Number(rest[0]), linkingLeft: 1 });
    } else if (name === 'ACL' && what === 'SETUSER') {
      const hashes = rest.filter((rule) => rule.startsWith('#')).map((rule) => rule.slice(1));
      process.users.set(rest[0]!, new Set([...(process.users.get(rest[0]!) ?? []), ...hashes]));
    } else if (name === 'ACL' && what === 'DELUSER') {
      for (const user of rest) process.users.delete(user);
    } else if (name === 'SENTINEL') {
      const downAfter = what === 'SET' ? rest[rest.indexOf('down-after-milliseconds') + 1] : undefined;
      if (downAfter !== undefined) process.settings.set('down-after', downAfter);
      return { ok: true, value: this.#sentinelAnswer(process, what!) };
    } else if (name !== 'CLIENT') {
      return { ok: false, error: { fault: 'reply', message: `ERR unknown command ${name}` } };
    }
    return { ok: true, value: 'OK' };
  }

  #sentinelAnswer(sentinel: FakeProcess, what: string): unknown {
    const watch = this.directories.get(sentinel.directory)!.watch!;
    const [organisation] = sentinel.directory.split('/');
    const all = [...this.processes.values()].filter(({ directory }) => directory.startsWith(`${organisation}/`));
    if (what === 'GET-MASTER-ADDR-BY-NAME') return ['127.0.0.1', String(watch.primaryPort)];
    if (what === 'REPLICAS') return all.filter(({ program, primaryPort }) => program === 'store' && primaryPort === watch.primaryPort).map(({ port }) => ['port', String(port), 'slave-priority', '100']);
    if (what !== 'MASTER') return 'OK';
    const flags = this.#listener(watch.primaryPort)?.program === 'store' ? 'master' : 'master,s_down';
    return ['port', String(watch.primaryPort), 'config-epoch', String(watch.epoch), 'flags', flags, 'down-after-milliseconds', sentinel.settings.get('down-after') ?? '1500',
      'num-other-sentinels', String(all.filter(({ program }) => program === 'sentinel').length - 1)];
  }

  /** Being asked is what moves a snapshot and a rewrite on. */
  #infoOf(process: FakeProcess): StoreInfo {
    const isLoading = process.answersLoading > 0;
    if (isLoading) process.answersLoading -= 1;
    const directory = this.directories.get(process.directory)!;
    if (process.saving && (process.saving.left -= 1) < 0) {
      directory.data = process.saving.data;
      process.saving = undefined;
      process.lastSaveAtMs = this.#clock.now();
    }
    if (process.rewritingLeft > 0 && (process.rewritingLeft -= 1) === 0) directory.log = process.data;
    const fields = {
      process_id: process.identity.pid, ...this.#roleOf(process), rdb_bgsave_in_progress: process.saving ? 1 : 0, rdb_last_save_time: Math.floor(process.lastSaveAtMs / 1000),
      rdb_last_bgsave_status: this.isDiskFull ? 'err' : 'ok', rdb_last_bgsave_time_sec: 0, aof_enabled: isLogged(process) ? 1 : 0,
      aof_rewrite_in_progress: process.rewritingLeft > 0 ? 1 : 0, aof_last_bgrewrite_status: 'ok', aof_last_write_status: 'ok',
      aof_base_size: directory.log === undefined ? 0 : 88, ...(process.data === 'empty' ? {} : { db0: 'keys=1,expires=0,avg_ttl=0' }),
    };
    return {
      runId: process.runId, version: '7.0.15', role: process.primaryPort === null ? 'master' : 'slave', isLoading,
      fields: new Map(Object.entries(fields).map(([name, value]) => [name, String(value)])),
    };
  }

  #roleOf(process: FakeProcess): Record<string, string | number> {
    if (process.primaryPort === null) return { master_repl_offset: process.data.length };
    const primary = this.#primaryOf(process);
    const isUp = primary !== undefined && (process.linkingLeft -= 1) < 0;
    if (isUp) Object.assign(process, { linkingLeft: 0, data: primary.data });
    return { master_port: process.primaryPort, master_link_status: isUp ? 'up' : 'down', slave_repl_offset: process.data.length };
  }

  #primaryOf({ primaryPort }: FakeProcess): FakeProcess | undefined {
    const primary = primaryPort === null ? undefined : this.#at(primaryPort);
    return primary?.primaryPort === null ? primary : undefined;
  }

  /** Who takes connections there: a gate that waits for a port has it once nobody else does. */
  #listener(port: number): FakeProcess | undefined {
    const all = [...this.processes.values()].filter((process) => process.port === port);
    return all.find(({ program }) => program !== 'gate') ?? all[0];
  }

  /** Who answers there. */
  #at(port: number): FakeProcess | undefined {
    const listener = this.#listener(port);
    if (listener?.program !== 'gate') return listener;
    const sentinel = [...this.processes.values()].find(({ program, directory }) => program === 'sentinel' && directory.split('/')[0] === listener.directory.split('/')[0]);
    const first = listener.settings.get('first')?.split(' ')[1];
    const target = sentinel === undefined ? first === undefined ? undefined : Number(first) : this.directories.get(sentinel.directory)!.watch!.primaryPort;
    const known = target ?? listener.primaryPort ?? undefined;
    listener.primaryPort = known ?? null; // it goes on where it was told last
    return known === undefined || known === port ? undefined : this.#at(known);
  }

  #directory(member: MemberRef): string {
    const place = keyOf(member);
    const { organizationId, instanceId, memberId, name } = member;
    if (!this.directories.has(place)) {
      this.directories.set(place, { member: { organizationId, instanceId, memberId, name }, identity: undefined, wasStopped: false, data: undefined, log: undefined });
    }
    return place;
  }

  #observe(member: MemberRef, known: ProcessIdentity | null): ProcessSeen {
    const running = [...this.processes.values()].find((process) => process.directory === keyOf(member));
    if (running) return { state: 'running', identity: running.identity };
    const directory = this.directories.get(keyOf(member));
    if (directory?.wasStopped || (!directory?.identity && !known)) return { state: 'absent' };
    return { state: 'exited', reason: 'ended by SIGKILL' };
  }

  #ensureProcess(wish: ProcessWish, known: ProcessIdentity | null): Awaited<ReturnType<Provisioner['ensureProcess']>> {
    const seen = this.#observe(wish, known);
    if (seen.state === 'running') return { outcome: 'running', identity: seen.identity, isNew: false };
    if (this.foreignPorts.has(wish.port)) return { outcome: 'failed', reason: 'PortTaken', message: `port ${wish.port} is used by another program` };
    const failure = this.failNextStart;
    this.failNextStart = undefined;
    if (failure) return { outcome: 'failed', reason: failure, message: 'no luck' };
    const place = this.#directory(wish);
    assert(wish.isPortHeld === true || this.#listener(wish.port) === undefined, `two processes on port ${wish.port}`);
    const identity: ProcessIdentity = { pid: (this.#pid += 1), pidStartTicks: BigInt(this.#clock.now()), bootId: 'boot' };
    const settings = new Map<string, string>();
    const users = new Map<string, Set<string>>();
    const sentinel = new Map<string, readonly string[]>();
    for (const [name, ...values] of wish.directives) {
      if (name === 'sentinel') sentinel.set(values[0]!, values.slice(1));
      else if (name === 'user') users.set(values[0]!, new Set(values.filter((value) => value.startsWith('#')).map((value) => value.slice(1))));
      else settings.set(name, values.join(' '));
    }
    const directory = this.directories.get(place)!;
    if (wish.program === 'sentinel') directory.watch ??= { primaryPort: Number(sentinel.get('monitor')![2]), epoch: Number(sentinel.get('config-epoch')?.[1] ?? 0) };
    const follows = settings.get('replicaof')?.split(' ')[1];
    const isLogOn = settings.get('appendonly') === 'yes';
    if (isLogOn) directory.log ??= 'empty';
    const data = (isLogOn ? directory.log : directory.data) ?? 'empty';
    this.processes.set(identity.pid, {
      identity, runId: `run-${identity.pid}`, program: wish.program ?? 'store', primaryPort: follows === undefined ? null : Number(follows), linkingLeft: 1, port: wish.port, directory: place, settings, users, answersLoading: this.loadingAnswersOfNext,
      data, saving: undefined, rewritingLeft: 0, lastSaveAtMs: this.#clock.now(),
    });
    this.loadingAnswersOfNext = 0;
    directory.identity = identity;
    directory.wasStopped = false;
    this.startsCount += 1;
    return { outcome: 'running', identity, isNew: true };
  }
}

function isLogged({ settings }: FakeProcess): boolean {
  return settings.get('appendonly') === 'yes';
}

function keyOf(member: MemberRef): string {
  return `${member.instanceId}/${member.name}`;
}

function sha256(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

async function textOf(stream: ByteStream): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
