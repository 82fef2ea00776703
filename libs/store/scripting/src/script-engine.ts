// EVAL's world: the cache of scripts by the SHA-1 of their text, the Lua machine that holds their compiled form, and the one that is
// running.
//
// Nothing is loaded until the first script. Flushing drops machine and cache together (a new machine takes some three milliseconds).
// A machine that broke is replaced too; then cached texts are compiled again when they are asked for.
//
// EVAL names its script by the whole text: the last script of each length (modulo 64) is compared first, which costs a tenth of
// hashing it.
import type { Clock } from '@larder/shared-std';
import type { Args, Reply } from '@larder/store-resp';
import { hash } from 'node:crypto';
import { Drand48 } from './drand48';
import { LuaMachine, type RunLimits } from './lua-machine';
import { LuaRuntime } from './lua-runtime';
import type { ScriptHost } from './script-host';
import { parseShebang, type ScriptFlags } from './shebang';
import type { WasmModule } from './web-assembly';

export interface Script {
  readonly sha: string;
  /** The same: what a run of it is called. */
  readonly name: string;
  readonly body: Buffer;
  readonly flags: ScriptFlags;
  readonly shebangBytes: number;
  /** The compiled function in the present machine. */
  compiled: number;
}

export interface EngineOptions {
  /** The bytes of wasmoon-lua5.1/dist/liblua5.1.wasm; called at most once. */
  loadLuaWasm: () => Uint8Array;
  clock: Clock;
}

const recentSlots = 64;

/** What a cached script costs beside its text: the entry, the sha, the table of entries. */
const scriptOverheadBytes = 160;

export class ScriptEngine {
  /** Told of every new text: other threads must know it too. */
  onLoaded: ((body: Buffer) => void) | null = null;
  readonly #options: EngineOptions;
  readonly #scripts = new Map<string, Script>();
  readonly #recent: (Script | undefined)[] = new Array<Script | undefined>(recentSlots).fill(undefined);
  readonly #random = new Drand48();
  #module: WasmModule | undefined;
  #machine: LuaMachine | undefined;
  #scriptBytes = 0;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  get scriptCount(): number {
    return this.#scripts.size;
  }

  /** The cached texts and their bookkeeping (used_memory_scripts). */
  get scriptBytes(): number {
    return this.#scriptBytes;
  }

  /** What Lua itself holds (used_memory_lua); 0 before the first script. */
  get luaBytes(): number {
    return this.#machine?.usedBytes ?? 0;
  }

  scripts(): Iterable<Script> {
    return this.#scripts.values();
  }

  /** By SHA-1 in hexadecimal, either case. */
  find(sha: string): Script | undefined {
    return this.#scripts.get(sha) ?? this.#scripts.get(sha.toLowerCase());
  }

  /** The script with this text, compiled and cached; a string is the error to answer. */
  load(bytes: Buffer, offset: number, length: number): Script | string {
    const recent = this.#recent[length % recentSlots];
    if (recent?.body.compare(bytes, offset, offset + length) === 0) return recent;
    const text = bytes.subarray(offset, offset + length);
    const sha = hash('sha1', text, 'hex');
    const known = this.#scripts.get(sha);
    if (known !== undefined) return this.#remember(known);
    const shebang = parseShebang(text.toString('latin1', 0, text[0] === 35 ? length : 0));
    if (typeof shebang === 'string') return `ERR ${shebang}`;
    const script: Script = { sha, name: sha, body: Buffer.from(text), flags: shebang.flags, shebangBytes: shebang.length, compiled: 0 };
    const message = this.#compile(script);
    if (message !== undefined) return `ERR Error compiling script (new function): ${message.replace(/[\r\n]+$/, '')}`;
    this.#scripts.set(sha, script);
    this.#scriptBytes += length + scriptOverheadBytes;
    this.onLoaded?.(script.body);
    return this.#remember(script);
  }

  /** Takes a script that another thread has loaded; it is compiled here when it first runs. */
  learn(body: Buffer): void {
    const sha = hash('sha1', body, 'hex');
    if (this.#scripts.has(sha)) return;
    const shebang = parseShebang(body.toString('latin1', 0, body[0] === 35 ? body.length : 0));
    if (typeof shebang === 'string') return;
    this.#scripts.set(sha, { sha, name: sha, body, flags: shebang.flags, shebangBytes: shebang.length, compiled: 0 });
    this.#scriptBytes += body.length + scriptOverheadBytes;
  }

  #remember(script: Script): Script {
    this.#recent[script.body.length % recentSlots] = script;
    return script;
  }

  /** args[firstKey … firstKey + keys) are KEYS, the rest is ARGV. The reply is written whole. */
  run(script: Script, args: Args, firstKey: number, keys: number, host: ScriptHost, limits: RunLimits, reply: Reply): void {
    if (this.#machine?.isBroken) this.#renewMachine();
    if (script.compiled === 0) this.#compile(script);
    this.#ensureMachine().run(script.compiled, script.sha, args, firstKey, keys, host, limits, reply);
  }

  flush(): void {
    this.#scripts.clear();
    this.#recent.fill(undefined);
    this.#scriptBytes = 0;
    this.#machine = undefined;
  }

  #compile(script: Script): string | undefined {
    const from = script.shebangBytes;
    const result = this.#ensureMachine().compile(script.body, from, script.body.length - from, '@user_script');
    if (typeof result === 'string') return result;
    script.compiled = result;
    return undefined;
  }

  /** Lua's image, compiled: it serves any number of machines. */
  get module(): WasmModule {
    return (this.#module ??= LuaRuntime.compile(this.#options.loadLuaWasm()));
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  #ensureMachine(): LuaMachine {
    this.#machine ??= new LuaMachine(this.module, this.#options.clock, this.#random);
    return this.#machine;
  }

  #renewMachine(): void {
    this.#machine = undefined;
    for (const script of this.#scripts.values()) script.compiled = 0;
  }
}
