/**
 * Clients that wait for lists, beside redis-server: the same conversation of several connections on both sides. Whoever is
 * served here must be served there, with the same bytes, and nobody else.
 */
import type { Session } from '@larder/store-dispatch';
import { TestStore } from '@larder/store-dispatch/testing';
import { listCommands, listKind, stringCommands } from '../src/index';
import { Dice } from './dice';
import { RealRedis, hasRedis } from './real-redis';
import { RedisConnection } from './redis-connection';

const beside = hasRedis ? describe : describe.skip;
const KEYS = ['a', 'b', 'c'];
const CLIENTS = 5;

type Heard = Session & { delivered: string[] };

function waitingCommand(dice: Dice): string[] {
  const key = (): string => dice.of(KEYS);
  const side = (): string => dice.of(['LEFT', 'RIGHT']);
  switch (dice.below(6)) {
    case 0: return ['BLPOP', key(), '0'];
    case 1: return ['BRPOP', key(), key(), key(), '0'];
    case 2: return ['BLMOVE', key(), key(), side(), side(), '0'];
    case 3: return ['BRPOPLPUSH', key(), key(), '0'];
    case 4: return ['BLMPOP', '0', '2', key(), key(), side(), 'COUNT', String(1 + dice.below(3))];
    default: return ['BLPOP', key(), key(), '0'];
  }
}

function actorCommands(dice: Dice): string[][] {
  const key = (): string => dice.of(KEYS);
  const push = (): string[] => [dice.of(['LPUSH', 'RPUSH']), key(), ...Array.from({ length: 1 + dice.below(3) }, (_, i) => `v${dice.below(100)}-${i}`)];
  switch (dice.below(7)) {
    case 0: return [['MULTI'], push(), push(), ['LPOP', key()], push(), ['EXEC']];
    case 1: return [['MULTI'], push(), ['GETDEL', key()], ['SET', key(), 'text'], ['EXEC']];
    case 2: return [['SET', key(), 'text']];
    case 3: return [['GETDEL', key()]];
    case 4: return [['LTRIM', key(), '1', '0']];
    case 5: return [['LMOVE', key(), key(), 'LEFT', 'RIGHT']];
    default: return [push()];
  }
}

beside('clients that wait for lists beside redis-server', () => {
  let redis: RealRedis;
  beforeAll(async () => {
    redis = await RealRedis.start();
  });
  afterAll(() => redis.stop());

  async function converse(seed: number, protocol: 2 | 3, steps: number): Promise<void> {
    await redis.ask([['FLUSHALL']]);
    const s = new TestStore([...listCommands, ...stringCommands], [listKind], 2);
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
        const words = waitingCommand(dice);
        log.push(`client ${i}: ${words.join(' ')}`);
        const reply = s.run(words, session);
        connections[i]!.send(words);
        if (reply !== '') same(await connections[i]!.read(), reply);
      } else {
        for (const words of actorCommands(dice)) {
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

  it('serves the same clients with the same elements in the same order, RESP2', async () => {
    for (let seed = 1; seed <= 10; seed++) await converse(seed, 2, 60);
  });
  it('serves the same clients with the same elements in the same order, RESP3', async () => {
    for (let seed = 11; seed <= 20; seed++) await converse(seed, 3, 60);
  });

  it('answers the time-out of each form as Redis does', async () => {
    const connection = await RedisConnection.open(redis);
    for (const protocol of [2, 3] as const) {
      await connection.ask(['HELLO', String(protocol)]);
      const s = new TestStore([...listCommands, ...stringCommands], [listKind], 2);
      const session = s.session;
      session.protocol = protocol;
      const forms = [['BLPOP', 'no', '0.01'], ['BRPOP', 'no', '0.01'], ['BLMOVE', 'no', 'no', 'LEFT', 'LEFT', '0.01'], ['BRPOPLPUSH', 'no', 'no', '0.01'], ['BLMPOP', '0.01', '1', 'no', 'LEFT']];
      for (const words of forms) {
        expect(s.run(words)).toBe('');
        s.step(11);
        expect(session.delivered.pop()).toBe(await connection.ask(words));
        for (const inside of [['MULTI'], words, ['EXEC']]) expect(s.run(inside)).toBe(await connection.ask(inside));
      }
    }
    connection.close();
  });
});
