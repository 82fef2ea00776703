/**
 * Clients that wait for streams, beside redis-server: the same conversation of several connections on both sides; and
 * what Redis dumps, saved and restored here.
 */
import type { Session } from '@larder/store-dispatch';
import { TestStore } from '@larder/store-dispatch/testing';
import { DamagedValue } from '@larder/store-keyspace';
import { keyCommands, streamCodec, streamCommands, streamKind, stringCommands } from '../src/index';
import { Dice } from './dice';
import { PlainInput, PlainOutput, valueOfDump } from './plain-rdb';
import { RealRedis, hasRedis } from './real-redis';
import { RedisConnection } from './redis-connection';

const beside = hasRedis ? describe : describe.skip;
const KEYS = ['a', 'b', 'c'];
const CLIENTS = 5;
const GROUPS = ['g', 'h'];

type Heard = Session & { delivered: string[] };

function waitingCommand(dice: Dice, ms: number): string[] {
  const keys = Array.from({ length: 1 + dice.below(2) }, () => dice.of(KEYS));
  const count = dice.of([[], ['COUNT', '2'], ['COUNT', '0']]);
  if (dice.below(2) === 0) return ['XREADGROUP', 'GROUP', dice.of(GROUPS), dice.of(['x', 'y']), ...count, ...dice.of([[], [], ['NOACK']]), 'BLOCK', '0', 'STREAMS', ...keys, ...keys.map(() => '>')];
  return ['XREAD', ...count, 'BLOCK', '0', 'STREAMS', ...keys, ...keys.map(() => dice.of(['$', '$', String(ms), `${ms + 2}-3`, '0']))];
}

function actorCommands(dice: Dice, ms: number): string[][] {
  const key = (): string => dice.of(KEYS);
  const add = (): string[] => ['XADD', key(), `${ms + dice.below(4)}-*`, 'f', `v${ms}`];
  switch (dice.below(15)) {
    case 7: return [['XGROUP', 'DESTROY', key(), dice.of(GROUPS)]];
    case 8: return [['XGROUP', 'SETID', key(), dice.of(GROUPS), dice.of(['$', String(ms)])]];
    case 9: return [['MULTI'], ['GETDEL', key()], ['XADD', key(), `${ms}-1`, 'f', 'v'], ['XDEL', key(), `${ms}-1`], ['EXEC']];
    case 10: return [['XAUTOCLAIM', key(), dice.of(GROUPS), 'z', '0', '-']];
    case 11: return [['XADD', 'a', `${ms + 5}-1`, 'f', 'v'], ['XPENDING', 'a', dice.of(GROUPS)]];
    case 12: return [['DEL', key()]];
    case 13:
    case 14: return [['XGROUP', 'CREATE', key(), dice.of(GROUPS), dice.of(['$', '0']), 'MKSTREAM']];
    case 0: return [['MULTI'], add(), add(), add(), ['EXEC']];
    case 1: return [['MULTI'], ['GETDEL', key()], ['SET', key(), 'text'], ['EXEC']];
    case 2: return [['GETDEL', key()]];
    case 3: return [['XTRIM', key(), 'MAXLEN', '1']];
    case 4: return [['XSETID', key(), `${ms + 1}-1`]];
    case 5: return [['XDEL', key(), `${ms}-0`, `${ms - 1}-0`]];
    default: return [add()];
  }
}

beside('clients that wait for streams beside redis-server', () => {
  let redis: RealRedis;
  beforeAll(async () => {
    redis = await RealRedis.start();
  });
  afterAll(() => redis.stop());

  async function converse(seed: number, protocol: 2 | 3, steps: number): Promise<void> {
    await redis.ask([['FLUSHALL']]);
    const s = new TestStore([...streamCommands, ...stringCommands, ...keyCommands], [streamKind], 2);
    const dice = new Dice(seed);
    const sessions: Heard[] = Array.from({ length: CLIENTS }, () => s.connect() as Heard);
    const connections: RedisConnection[] = [];
    for (const session of sessions) {
      const connection = await RedisConnection.open(redis);
      await connection.ask(['HELLO', String(protocol)]);
      session.protocol = protocol;
      connections.push(connection);
    }
    const actor = await RedisConnection.open(redis);
    const log: string[] = [];
    const same = (theirs: string, mine: string): void => {
      if (theirs !== mine) throw new Error(`seed ${seed}\nredis:  ${theirs}\nlarder: ${mine}\n${log.slice(-25).join('\n')}`);
    };
    for (let step = 0; step < steps; step++) {
      const i = dice.below(CLIENTS);
      const session = sessions[i]!;
      if (session.blocked === null && dice.below(2) === 0) {
        const words = waitingCommand(dice, step);
        log.push(`client ${i}: ${words.join(' ')}`);
        const reply = s.run(words, session);
        connections[i]!.send(words);
        if (reply !== '') same(await connections[i]!.read(), reply);
      } else {
        for (const words of actorCommands(dice, step)) {
          log.push(`actor: ${words.join(' ')}`);
          same(await actor.ask(words), s.run(words));
        }
      }
      for (let k = 0; k < CLIENTS; k++) {
        for (const reply of sessions[k]!.delivered.splice(0)) {
          log.push(`  client ${k} hears ${JSON.stringify(reply)}`);
          same(await connections[k]!.read(), reply);
        }
      }
      const waiting = sessions.filter(({ blocked }) => blocked !== null).length;
      const counted = /blocked_clients:(\d+)/;
      for (let tries = 0; tries < 200; tries++) {
        const there = Number(counted.exec(await actor.ask(['INFO', 'clients']))![1]);
        if (there === waiting) break;
        if (tries === 199) throw new Error(`seed ${seed}: ${waiting} wait here, ${there} there\n${log.slice(-25).join('\n')}`);
      }
    }
    for (const connection of connections) {
      same(connection.unread, '');
      connection.close();
    }
    actor.close();
  }

  it('serves the same clients with the same entries in the same order, RESP2', async () => {
    for (let seed = 1; seed <= 10; seed++) await converse(seed, 2, 60);
  });
  it('serves the same clients with the same entries in the same order, RESP3', async () => {
    for (let seed = 11; seed <= 20; seed++) await converse(seed, 3, 60);
  });

  it('answers the time-out as Redis does', async () => {
    const connection = await RedisConnection.open(redis);
    for (const protocol of [2, 3] as const) {
      await connection.ask(['HELLO', String(protocol)]);
      const s = new TestStore([...streamCommands, ...stringCommands], [streamKind], 2);
      s.session.protocol = protocol;
      const words = ['XREAD', 'BLOCK', '10', 'STREAMS', 'no', '$'];
      expect(s.run(words)).toBe('');
      s.step(11);
      expect(s.session.delivered.pop()).toBe(await connection.ask(words));
      for (const inside of [['MULTI'], words, ['EXEC']]) expect(s.run(inside)).toBe(await connection.ask(inside));
    }
    connection.close();
  });

  it('saves the bytes that Redis dumps, and restores them', async () => {
    const s = new TestStore(streamCommands, [streamKind], 2);
    const { keyspace } = s;
    const dice = new Dice(7);
    const asked: string[][] = [['FLUSHALL'], ['CONFIG', 'SET', 'rdbcompression', 'no', 'stream-node-max-entries', '100']];
    for (let i = 1; i < 500; i++) asked.push(['XADD', 'a', `${i}-${dice.below(5)}`, dice.of(['f', 'g']), String(dice.below(1000)), 'x', 'y'.repeat(dice.below(80))]);
    asked.push(['XDEL', 'a', '17', '30-0', '31-1', '40-2'], ['XTRIM', 'a', 'MAXLEN', '410'], ['XSETID', 'a', '18446744073709551615-9000000000', 'MAXDELETEDID', '5000000000-6000000000'], ['DUMP', 'a']);
    const replies = await redis.ask(asked);
    for (const words of asked.slice(2, -1)) s.run(words);
    const theirs = valueOfDump(replies.at(-1)!);
    const saved = (key: string): Buffer => {
      const out = new PlainOutput();
      keyspace.lookup(0, Buffer.from(key), 0, key.length);
      streamCodec.save(keyspace.view, out);
      return out.bytes;
    };
    const restore = (key: string, bytes: Buffer): boolean => {
      if (keyspace.lookupWrite(0, Buffer.from(key), 0, key.length) !== 0) keyspace.remove();
      return streamCodec.restore(19, new PlainInput(bytes), keyspace);
    };
    expect(saved('a')).toEqual(theirs);
    restore('b', theirs);
    expect(saved('b')).toEqual(theirs);
    expect(s.run('XINFO STREAM b FULL COUNT 0')).toBe(s.run('XINFO STREAM a FULL COUNT 0'));
    let refused = 0;
    for (let i = 0; i < theirs.length; i += 97) {
      const damaged = Buffer.from(theirs);
      damaged[i]! ^= 1 << (i % 8);
      try {
        restore('d', damaged);
      } catch (error) {
        if (!(error instanceof DamagedValue)) throw error;
        refused++;
        continue;
      }
      for (const words of ['XRANGE d - +', 'XREVRANGE d + -', 'XADD d * a b', 'XDEL d 450-0', 'XTRIM d MAXLEN 3', 'XLEN d']) s.run(words);
    }
    expect(refused).toBeGreaterThan(20);
  });
});
