import { SteppedClock } from '@larder/shared-std/testing';
import { Args, Reply } from '@larder/store-resp';
import luaImage from 'wasmoon-lua5.1/dist/liblua5.1.wasm';
import { FunctionEngine } from './function-engine';
import { encodeLibraries } from './function-payload';
import { ScriptEngine } from './script-engine';
import type { ScriptHost } from './script-host';

const host: ScriptHost = {
  find: () => undefined,
  call: (args, reply) => reply.bulkText(args.text(0)),
  mayRun: () => true,
  setReplication: () => undefined,
  log: () => undefined,
  onSlow: () => 'continue',
};

class World {
  readonly clock = new SteppedClock();
  readonly functions = new FunctionEngine(new ScriptEngine({ loadLuaWasm: () => luaImage, clock: this.clock }));

  load(code: string, replaces = false): string {
    const loaded = this.functions.load(Buffer.from(code, 'latin1'), replaces);
    return typeof loaded === 'string' ? loaded : `loaded ${loaded.name}`;
  }

  call(name: string, ...words: string[]): string {
    const reply = new Reply();
    const args = new Args().set(['FCALL', name, '1', ...words]);
    this.functions.run(this.functions.find(name)!, args, 3, words.length > 0 ? 1 : 0, host, { slowAfterMs: 0 }, reply);
    return reply.buf.toString('latin1', 0, reply.pos);
  }
}

const answering = (library: string, name: string, answer: string): string =>
  `#!lua name=${library}\nredis.register_function('${name}', function() return '${answer}' end)`;

describe('functions', () => {
  it('get their keys and their other arguments', () => {
    const world = new World();
    world.load("#!lua name=a\nredis.register_function('f', function(keys, args) return {#keys, keys[1], args[1], #args} end)");
    expect(world.call('f', 'k', 'x', 'y')).toBe('*4\r\n:1\r\n$1\r\nk\r\n$1\r\nx\r\n:2\r\n');
  });

  it('keep what their library keeps between calls, and lose it when it is loaded anew', () => {
    const world = new World();
    const code = "#!lua name=a\nlocal n = 0\nredis.register_function('f', function() n = n + 1 return n end)";
    world.load(code);
    expect([world.call('f'), world.call('f')]).toEqual([':1\r\n', ':2\r\n']);
    world.load(code, true);
    expect(world.call('f')).toBe(':1\r\n');
  });

  it('have neither the globals of scripts nor may make their own', () => {
    const world = new World();
    world.load("#!lua name=a\nredis.register_function('f', function() return KEYS end)\nredis.register_function('g', function() x = 1 end)");
    expect(world.call('f')).toContain("Script attempted to access nonexistent global variable 'KEYS' script: f, on @user_function:2.");
    expect(world.call('g')).toContain('Attempt to modify a readonly table script: g, on @user_function:3.');
  });

  it('are registered only while their library is loaded, which sees nothing else', () => {
    const world = new World();
    expect(world.load('#!lua name=a\nlocal x = math')).toBe("Error registering functions: ERR user_function:2: Script attempted to access nonexistent global variable 'math'");
    world.load("#!lua name=a\nlocal register = redis.register_function\nredis.register_function('f', function() register('g', function() end) end)");
    expect(world.call('f')).toContain('redis.register_function can only be called on FUNCTION LOAD command');
  });

  it('stay as they were when a library that would replace theirs is refused', () => {
    const world = new World();
    world.load(answering('a', 'f', 'old'));
    world.load(answering('b', 'taken', 'b'));
    expect(world.load(answering('a', 'f', 'new'))).toBe("Library 'a' already exists");
    expect(world.load('#!lua name=a\nbad', true)).toContain('Error compiling function: ');
    expect(world.load(answering('a', 'TAKEN', 'new'), true)).toBe('Function TAKEN already exists');
    expect(world.load('#!lua name=a\nreturn 1', true)).toBe('No functions registered');
    expect(world.call('F')).toBe('$3\r\nold\r\n');
    expect([world.functions.libraryCount, world.functions.functionCount]).toEqual([2, 2]);
  });

  it('cannot hold the server up while they are loaded', () => {
    const world = new World();
    const monotonic = world.clock.monotonic.bind(world.clock);
    let looks = 0;
    world.clock.monotonic = () => monotonic() + 100 * looks++;
    expect(world.load('#!lua name=a\nwhile true do end')).toBe('Error registering functions: ERR FUNCTION LOAD timeout');
    expect(world.load(answering('a', 'f', 'fine'))).toBe('loaded a');
  });
});

describe('a dump of functions', () => {
  it.each([true, false])('brings every library back (compressed: %s)', (compresses) => {
    const world = new World();
    world.functions.compresses = () => compresses;
    world.load(answering('a', 'f', 'one and the same, one and the same'));
    world.load(answering('b', 'g', 'two'));
    const other = new World();
    expect(other.functions.restore(world.functions.dump(), 'append')).toBeUndefined();
    expect([other.call('f'), other.call('g')]).toEqual(['$34\r\none and the same, one and the same\r\n', '$3\r\ntwo\r\n']);
    expect([...other.functions.libraries()].map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('is restored whole or not at all', () => {
    const world = new World();
    world.load(answering('a', 'f', 'old'));
    const dump = encodeLibraries([answering('new', 'n', 'new'), answering('a', 'f', 'new')].map((code) => Buffer.from(code)), true);
    expect(world.functions.restore(dump, 'append')).toBe('Library a already exists');
    expect([...world.functions.libraries()].map(({ name }) => name)).toEqual(['a']);
    const clashing = encodeLibraries([answering('new', 'f', 'new')].map((code) => Buffer.from(code)), true);
    expect(world.functions.restore(clashing, 'replace')).toBe('Function f already exists');
    expect(world.call('f')).toBe('$3\r\nold\r\n');
    expect(world.functions.restore(dump, 'replace')).toBeUndefined();
    expect(world.call('f')).toBe('$3\r\nnew\r\n');
    expect(world.functions.restore(clashing, 'flush')).toBeUndefined();
    expect(world.functions.libraryCount).toBe(1);
  });

  it('is refused when a byte of it is another', () => {
    const world = new World();
    world.load(answering('a', 'f', 'x'));
    const dump = world.functions.dump();
    for (let at = 0; at < dump.length; at++) {
      const damaged = Buffer.from(dump);
      damaged[at]! ^= 0x55;
      expect(new World().functions.restore(damaged, 'append')).toBeDefined();
    }
  });
});
