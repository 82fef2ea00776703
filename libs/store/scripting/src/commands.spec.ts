import { SteppedClock } from '@larder/shared-std/testing';
import type { CommandRow, Session } from '@larder/store-dispatch';
import { IS_BUSY, RESTRICTED } from '@larder/store-dispatch';
import { TestStore } from '@larder/store-dispatch/testing';
import { Args } from '@larder/store-resp';
import luaImage from 'wasmoon-lua5.1/dist/liblua5.1.wasm';
import type { StoreState } from './admission';
import { scriptingCommands } from './commands';
import { FunctionEngine } from './function-engine';
import { ScriptEngine } from './script-engine';
import type { ScriptingPort } from './script-run';

/** A store of a few commands over a Map, enough for scripts to call. */
class World implements ScriptingPort {
  readonly clock = new SteppedClock();
  readonly values = new Map<string, string>();
  readonly logged: string[] = [];
  facts: StoreState = {
    isCluster: false,
    isStaleReplica: false,
    isReadonlyReplica: false,
    persistenceFault: undefined,
    lacksReplicas: false,
    isOutOfMemory: false,
  };
  whileBusy: () => void = () => {};
  readonly store = new TestStore([...this.fakeRows(), ...this.scriptRows()]);

  state(): StoreState {
    return this.facts;
  }

  refusalFor(session: Session): string | undefined {
    return session.user === 'nobody' ? "has no permissions to run the 'set' command" : undefined;
  }

  log(_level: number, text: string): void {
    this.logged.push(text);
  }

  isKillAsked(): boolean {
    return false;
  }
  serveWhileBusy(): void {
    this.whileBusy();
  }

  busyChanged(isBusy: boolean): void {
    this.store.dispatcher.conditions = isBusy ? IS_BUSY : 0;
  }

  eval(source: string, ...rest: string[]): string {
    return this.store.run(['EVAL', source, ...(rest.length === 0 ? ['0'] : rest)]);
  }

  argsOf(line: string): Args {
    return new Args().set(line.split(' '));
  }

  private scriptRows(): readonly CommandRow[] {
    const engine = new ScriptEngine({ clock: this.clock, loadLuaWasm: () => luaImage });
    return scriptingCommands({ engine, functions: new FunctionEngine(engine), port: this, slowAfterMs: () => 5 });
  }

  private fakeRows(): CommandRow[] {
    const key = (unit: { session: Session; args: { text(i: number): string } }): string => `${unit.session.database}/${unit.args.text(1)}`;
    return [
      { name: 'get', needs: 'keys', run: (unit) => unit.reply.bulkText(this.values.get(key(unit)) ?? '') },
      {
        name: 'set',
        needs: 'keys',
        run: (unit) => {
          this.values.set(key(unit), unit.args.text(2));
          unit.keyspace.dirty++;
          unit.reply.ok();
        },
      },
      {
        name: 'select',
        needs: 'none',
        run: (unit) => {
          unit.session.database = Number(unit.args.text(1));
          unit.reply.ok();
        },
      },
      {
        name: 'time',
        needs: 'none',
        run: (unit) => {
          this.clock.step(10);
          unit.reply.ok();
        },
      },
      { name: 'pfcount', needs: 'keys', run: (unit) => unit.reply.integer(0) },
      { name: 'ping', needs: 'none', run: (unit) => unit.reply.simple('PONG') },
    ];
  }
}

const sha = '4e6d8fc8bb01276962cce5371fa795a7763657ae'; // of: return redis.call('get', KEYS[1])
const getter = "return redis.call('get', KEYS[1])";

describe('EVAL and SCRIPT', () => {
  it('runs by text, then by digest in either case', () => {
    const world = new World();
    const digest = world.store.run(['SCRIPT', 'LOAD', getter]).split('\r\n')[1]!;
    world.store.run('SET k v');
    expect(world.store.run(['EVALSHA', digest, '1', 'k'])).toBe('$1\r\nv\r\n');
    expect(world.store.run(['EVALSHA', digest.toUpperCase(), '1', 'k'])).toBe('$1\r\nv\r\n');
    expect(world.store.run(['SCRIPT', 'EXISTS', digest, sha.replace('4', '5')])).toBe('*2\r\n:1\r\n:0\r\n');
    expect(world.store.run('SCRIPT FLUSH')).toBe('+OK\r\n');
    expect(world.store.run(['EVALSHA', digest, '1', 'k'])).toBe('-NOSCRIPT No matching script. Please use EVAL.\r\n');
    expect(world.store.run('EVALSHA short x')).toBe('-NOSCRIPT No matching script. Please use EVAL.\r\n');
  });

  it('checks the number of keys', () => {
    const world = new World();
    expect(world.eval('x', 'a')).toBe('-ERR value is not an integer or out of range\r\n');
    expect(world.eval('x', '-1')).toBe("-ERR Number of keys can't be negative\r\n");
    expect(world.eval('x', '2', 'a')).toBe("-ERR Number of keys can't be greater than number of args\r\n");
  });

  it('judges commands of a script in words of its own', () => {
    const world = new World();
    expect(world.eval("return redis.pcall('nope')")).toBe('-ERR Unknown Redis command called from script\r\n');
    expect(world.eval("return redis.pcall('get')")).toBe('-ERR Wrong number of args calling Redis command from script\r\n');
    expect(world.eval("return redis.pcall('eval','return 1',0)")).toBe('-ERR This Redis command is not allowed from script\r\n');
    expect(world.eval("return redis.pcall('multi')")).toBe('-ERR This Redis command is not allowed from script\r\n');
  });

  it('keeps writes out of read-only scripts', () => {
    const world = new World();
    const refused = /^-ERR Write commands are not allowed from read-only scripts\. script: [0-9a-f]{40}, on @user_script:\d\.\r\n$/;
    expect(world.store.run(['EVAL_RO', "redis.call('set','a','b')", '0'])).toMatch(refused);
    expect(world.store.run(['EVAL_RO', "redis.call('pfcount','a')", '0'])).toMatch(refused);
    expect(world.eval("#!lua flags=no-writes\nredis.call('set','a','b')")).toMatch(refused);
    expect(world.store.run(['EVAL_RO', '#!lua\nreturn 1', '0'])).toBe('-ERR Can not execute a script with write flag using *_ro command.\r\n');
    expect(world.store.run(['EVAL_RO', '#!lua flags=no-writes\nreturn 1', '0'])).toBe(':1\r\n');
    expect(world.values.size).toBe(0);
  });

  it('selects a database for the script alone', () => {
    const world = new World();
    world.eval("redis.call('select', 3) redis.call('set', 'k', 'three')");
    expect(world.store.session.database).toBe(0);
    expect([...world.values]).toEqual([['3/k', 'three']]);
  });

  it('refuses growth when memory is short, unless the script says it may or has written already', () => {
    const world = new World();
    world.facts = { ...world.facts, isOutOfMemory: true };
    const oom = "OOM command not allowed when used memory > 'maxmemory'.";
    expect(world.eval("return redis.pcall('set','a','b')")).toBe(`-${oom}\r\n`);
    expect(world.eval("return redis.call('get','a')")).toBe('$0\r\n\r\n');
    expect(world.eval("#!lua flags=allow-oom\nreturn redis.call('set','a','b')")).toBe('+OK\r\n');
    expect(world.eval('#!lua\nreturn 1')).toBe(`-${oom}\r\n`);
    expect(world.eval('#!lua flags=no-writes\nreturn 1')).toBe(':1\r\n');
  });

  it('journals the writes of a script, not the script, and nothing under REPL_NONE', () => {
    const world = new World();
    const journal: string[] = [];
    world.store.dispatcher.journal = { append: (_, args) => void journal.push(args.text(0) + args.text(1)) };
    world.eval("redis.call('set','a','1') redis.set_repl(redis.REPL_NONE) redis.call('set','b','1') redis.set_repl(redis.REPL_ALL) redis.call('set','c','1')");
    world.eval("redis.call('set','d','1')");
    expect(journal).toEqual(['seta', 'setc', 'setd']);
  });

  it('asks for the rights of the client', () => {
    const world = new World();
    world.store.session.user = 'nobody';
    world.store.session.conditions = RESTRICTED;
    expect(world.eval("return redis.pcall('set','a','b')")).toBe(
      "-ERR The user executing the script has no permissions to run the 'set' command\r\n",
    );
    expect(world.eval("return redis.acl_check_cmd('set','a','b')")).toBe('$-1\r\n');
  });

  it('serves others while a script is slow, and is killed by one of them', () => {
    const world = new World();
    const other = world.store.connect();
    const seen: string[] = [];
    const ask = (words: string): void => {
      const before = world.store.reply.pos;
      world.store.dispatcher.dispatch(other, world.argsOf(words));
      seen.push(world.store.reply.buf.toString('latin1', before, world.store.reply.pos));
    };
    world.whileBusy = () => {
      ask('GET k');
      ask('SCRIPT KILL');
    };
    expect(world.store.run('SCRIPT KILL')).toBe('-NOTBUSY No scripts in execution right now.\r\n');
    expect(world.eval("redis.call('time') while true do end")).toMatch(/^-ERR Script killed by user with SCRIPT KILL\.\.\. script: /);
    expect(seen.slice(0, 2)).toEqual(['-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.\r\n', '+OK\r\n']);
    expect(world.logged[0]).toMatch(/^Slow script detected: still in execution after 10 milliseconds\. .* Script name is: [0-9a-f]{40}\.$/);
    expect(world.store.run('GET k')).toBe('$0\r\n\r\n');
  });

  it('does not let a script be killed that has written', () => {
    const world = new World();
    const seen: string[] = [];
    world.whileBusy = () => {
      const before = world.store.reply.pos;
      world.store.dispatcher.dispatch(world.store.connect(), world.argsOf('SCRIPT KILL'));
      seen.push(world.store.reply.buf.toString('latin1', before, world.store.reply.pos));
    };
    expect(world.eval("redis.call('set','a','b') redis.call('time') for i=1,200000 do end return 'done'")).toBe('$4\r\ndone\r\n');
    expect(seen[0]).toMatch(/^-UNKILLABLE Sorry the script already executed write commands against the dataset\./);
  });

  it('answers the rest of SCRIPT', () => {
    const world = new World();
    expect(world.store.run('SCRIPT')).toBe("-ERR wrong number of arguments for 'script' command\r\n");
    expect(world.store.run('SCRIPT FLUSH later')).toBe('-ERR SCRIPT FLUSH only support SYNC|ASYNC option\r\n');
    expect(world.store.run('SCRIPT DEBUG NO')).toBe('+OK\r\n');
    expect(world.store.run('SCRIPT HELP')).toMatch(/^\*17\r\n\+SCRIPT <subcommand>/);
  });
});
