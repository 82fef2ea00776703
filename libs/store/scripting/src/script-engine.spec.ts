import { SteppedClock } from '@larder/shared-std/testing';
import { Args, Reply } from '@larder/store-resp';
import luaImage from 'wasmoon-lua5.1/dist/liblua5.1.wasm';
import { patchLuaImage } from './lua-image';
import { ScriptEngine } from './script-engine';
import type { ScriptHost } from './script-host';

class World implements ScriptHost {
  readonly clock = new SteppedClock();
  readonly reply = new Reply();
  readonly logged: string[] = [];
  loads = 0;
  slowCalls = 0;
  answer: (args: Args, reply: Reply) => void = (args, reply) => reply.bulk(args.buf, args.off[1]!, args.len[1]!);
  whenSlow: () => 'continue' | 'kill' = () => 'continue';
  readonly engine = new ScriptEngine({
    clock: this.clock,
    loadLuaWasm: () => {
      this.loads++;
      return luaImage;
    },
  });

  find(): undefined {}

  call(args: Args, reply: Reply): void {
    this.answer(args, reply);
  }

  mayRun(): boolean {
    return true;
  }

  setReplication(): void {}

  log(level: number, text: string): void {
    this.logged.push(`${level}:${text}`);
  }

  onSlow(): 'continue' | 'kill' {
    this.slowCalls++;
    return this.whenSlow();
  }

  eval(source: string | Buffer, ...argv: (string | Buffer)[]): string {
    const args = new Args().set(['EVAL', source, '0', ...argv]);
    const start = this.reply.pos;
    const script = this.engine.load(args.buf, args.off[1]!, args.len[1]!);
    if (typeof script === 'string') this.reply.error(script);
    else this.engine.run(script, args, 3, 0, this, { slowAfterMs: 5 }, this.reply);
    const text = this.reply.buf.toString('latin1', start, this.reply.pos);
    this.reply.pos = start;
    return text;
  }
}

describe('the script engine', () => {
  it('loads Lua with the first script and not again after a flush', () => {
    const world = new World();
    expect(world.loads).toBe(0);
    expect(world.engine.luaBytes).toBe(0);
    expect(world.eval('return 1')).toBe(':1\r\n');
    expect(world.engine.luaBytes).toBeGreaterThan(10_000);
    world.engine.flush();
    expect(world.eval('return 2')).toBe(':2\r\n');
    expect(world.loads).toBe(1);
  });

  it('refuses an image that it was not measured on', () => {
    const other = luaImage.slice();
    other[5000]! ^= 1;
    expect(() => patchLuaImage(other)).toThrow('is not the one that was measured');
  });

  it('keeps scripts by the SHA-1 of their text, in either case, and forgets them on a flush', () => {
    const world = new World();
    world.eval("return 'x'");
    const [script] = [...world.engine.scripts()];
    expect(world.engine.find(script!.sha.toUpperCase())).toBe(script);
    expect(world.engine.scriptCount).toBe(1);
    expect(world.engine.scriptBytes).toBeGreaterThan(10);
    world.engine.flush();
    expect(world.engine.find(script!.sha)).toBeUndefined();
    expect(world.engine.scriptBytes).toBe(0);
  });

  it('does not keep what does not compile', () => {
    const world = new World();
    expect(world.eval('return +')).toMatch(/^-ERR Error compiling script \(new function\): user_script:1: /);
    expect(world.engine.scriptCount).toBe(0);
  });

  it('asks about a script only once it is slow, and goes on when told to', () => {
    const world = new World();
    world.answer = (_, reply) => {
      world.clock.step(3);
      reply.ok();
    };
    expect(world.eval("redis.call('x') for i=1,1000000 do end return 'done'")).toBe('$4\r\ndone\r\n');
    expect(world.slowCalls).toBe(0);
    expect(world.eval("redis.call('x') redis.call('x') for i=1,1000000 do end return 'done'")).toBe('$4\r\ndone\r\n');
    expect(world.slowCalls).toBeGreaterThan(5);
  });

  it.each([
    ['an endless loop', 'while true do end'],
    ['one that catches errors', 'while true do pcall(function() while true do end end) end'],
    ['one in a coroutine', 'coroutine.wrap(function() while true do end end)()'],
    ['one in a sort', 'local t = {} for i=1,10 do t[i]=i end while true do table.sort(t, function(a,b) return a<b end) end'],
  ])('kills %s', (_, source) => {
    const world = new World();
    world.whenSlow = () => 'kill';
    world.answer = (_args, reply) => {
      world.clock.step(10);
      reply.ok();
    };
    expect(world.eval(`redis.call('x') ${source}`)).toMatch(
      /^-ERR Script killed by user with SCRIPT KILL\.\.\. script: [0-9a-f]{40}, on @user_script:1\.\r\n$/,
    );
    expect(world.eval('return 1')).toBe(':1\r\n');
  });

  it('starts a new machine after a fault of the host, and shows the fault', () => {
    const world = new World();
    world.eval("return 'kept'");
    world.answer = () => {
      throw new Error('disk on fire');
    };
    expect(() => world.eval("redis.call('x')")).toThrow('disk on fire');
    expect(() => world.eval("pcall(redis.call, 'x') return 1")).toThrow('disk on fire');
    expect(world.eval("return 'kept'")).toBe('$4\r\nkept\r\n');
  });

  it('survives a script that exhausts the stack inside Lua', () => {
    const world = new World();
    const answer = world.eval("local s = ('a'):rep(300000) return s:find(('a?'):rep(300000) .. s)");
    expect(answer.startsWith('-ERR')).toBe(true);
    expect(world.eval('return 1')).toBe(':1\r\n');
  });

  it('survives a result that nests for ever', () => {
    const world = new World();
    expect(world.eval('local t = {} t[1] = t return t')).toContain('-ERR reached lua stack limit\r\n');
    expect(world.eval('return 1')).toBe(':1\r\n');
  });

  it('survives nesting beyond what any stack holds, in JSON and MessagePack', () => {
    const world = new World();
    expect(world.eval('cjson.encode_max_depth(1e9) local t={} t[1]=t return cjson.encode(t)')).toContain('excessive nesting');
    expect(world.eval("cjson.decode_max_depth(1e9) return cjson.decode(('['):rep(1e6))")).toContain('too many nested data structures');
    expect(world.eval("return cmsgpack.unpack(('\\145'):rep(1e6))")).toContain('stack overflow');
  });

  it('carries ten megabytes of any bytes in, through a command and out', () => {
    const world = new World();
    const bytes = Buffer.alloc(10_000_000, Buffer.from(Array.from({ length: 256 }, (_, i) => i)));
    const answer = world.eval("return redis.call('ECHO', ARGV[1])", bytes);
    expect(answer).toBe(`$10000000\r\n${bytes.toString('latin1')}\r\n`);
  });

  it('leaves neither stack nor memory behind, whatever scripts do', () => {
    const world = new World();
    world.answer = (_, reply) => reply.error('ERR no');
    const scripts = ['return {1,{2}}', "error('x')", "redis.call('a')", "return redis.pcall('a')", "return ('x'):rep(10000)", 'return nope'];
    const round = (): void => {
      for (const script of scripts) world.eval(script, 'argument', 'another');
    };
    for (let i = 0; i < 500; i++) round();
    const before = world.engine.luaBytes;
    for (let i = 0; i < 2000; i++) round();
    expect(world.engine.luaBytes).toBeLessThan(before + 1_000_000);
  });

  it('starts every script in RESP2', () => {
    const world = new World();
    world.answer = (_, reply) => reply.nullBulk();
    expect(world.eval("redis.setresp(3) return type(redis.call('x'))")).toBe('$3\r\nnil\r\n');
    expect(world.eval("return type(redis.call('x'))")).toBe('$7\r\nboolean\r\n');
  });

  it('hands log lines to the host', () => {
    const world = new World();
    world.eval("redis.log(redis.LOG_WARNING, 'a', 1, 'b')");
    expect(world.logged).toEqual(['3:a 1 b']);
  });

  it('goes on drawing random numbers where the last script stopped, flush or not', () => {
    const world = new World();
    const other = new World();
    const draw = 'return math.random(1000000)';
    const drawn = [world.eval(draw), world.eval(draw)];
    other.eval(draw);
    other.engine.flush();
    expect([drawn[0] === drawn[1], other.eval(draw)]).toEqual([false, drawn[1]]);
  });
});
