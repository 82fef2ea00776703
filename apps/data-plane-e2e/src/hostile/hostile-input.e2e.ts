/**
 * Input that was made to do harm, over the wire: the server answers or hangs up, serves the others meanwhile, and is as large
 * afterwards as before. `LARDER_FUZZ_ROUNDS` makes the random part longer; a failure names its seed.
 */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { encodeCommand, encodeCommands, startStore, waitFor } from '@larder/shared-testing';
import type { RawClient, Store } from '@larder/shared-testing';
import { seededRandom } from '../differential/random.ts';

const MIB = 1 << 20;
const ROUNDS = Number(process.env['LARDER_FUZZ_ROUNDS'] ?? 2000);

/**
 * Requests of every kind; mutations of them reach far into the commands. None with a negative count of random elements: two
 * billion answers to one SRANDMEMBER are what it asks for, in Redis too.
 */
const SEEDS: readonly string[] = [
  [['SET', 'k', 'value', 'EX', '100'], ['GETRANGE', 'k', '0', '-1'], ['SETRANGE', 'k', '10', 'x'], ['INCRBY', 'n', '5'], ['APPEND', 'k', 'more']],
  [['RPUSH', 'l', 'a', 'b', 'c'], ['LRANGE', 'l', '0', '-1'], ['LPOS', 'l', 'b', 'RANK', '-1'], ['LMOVE', 'l', 'l2', 'LEFT', 'RIGHT'], ['LPOP', 'l', '2']],
  [['HSET', 'h', 'f', 'v', 'g', '1'], ['HINCRBYFLOAT', 'h', 'g', '1.5'], ['HSCAN', 'h', '0', 'COUNT', '10']],
  [['SADD', 's', '1', '2', 'x'], ['SINTERCARD', '1', 's', 'LIMIT', '1'], ['SPOP', 's', '1'], ['SSCAN', 's', '0', 'MATCH', '*x*']],
  [['ZADD', 'z', '1', 'a', '2', 'b'], ['ZRANGE', 'z', '(1', '+inf', 'BYSCORE', 'LIMIT', '0', '2'], ['ZUNIONSTORE', 'z2', '2', 'z', 's', 'WEIGHTS', '1', '2'], ['ZPOPMIN', 'z', '1']],
  [['XADD', 'x', '*', 'f', 'v'], ['XRANGE', 'x', '-', '+', 'COUNT', '2'], ['XREAD', 'COUNT', '1', 'STREAMS', 'x', '0'], ['XTRIM', 'x', 'MAXLEN', '~', '10']],
  [['EVAL', "return {redis.call('GET', KEYS[1]), ARGV[1], 1.5, {ok='fine'}}", '1', 'k', 'a'], ['EVALSHA', 'ffffffffffffffffffffffffffffffffffffffff', '0'], ['SCRIPT', 'EXISTS', 'x']],
  [['MULTI'], ['SET', 'k', 'v'], ['GET', 'k'], ['EXEC'], ['WATCH', 'k'], ['UNWATCH'], ['DUMP', 'k'], ['OBJECT', 'ENCODING', 'k']],
  [['HELLO', '3'], ['SUBSCRIBE', 'c'], ['UNSUBSCRIBE'], ['CLIENT', 'SETNAME', 'n'], ['CLIENT', 'LIST'], ['CONFIG', 'GET', 'max*'], ['INFO', 'server'], ['COMMAND', 'INFO', 'get']],
  [['SCAN', '0', 'MATCH', '*[a-z]?\\*', 'COUNT', '5'], ['SORT', 'l', 'BY', 'w_*', 'GET', '#', 'LIMIT', '0', '2'], ['COPY', 'k', 'k3', 'REPLACE'], ['RENAME', 'k3', 'k4'], ['EXPIRE', 'k4', '10', 'NX']],
].map((commands) => encodeCommands(commands as string[][]).toString('latin1'));

const NUMBERS = ['-1', '0', '2147483647', '2147483648', '-2147483649', '4294967296', '9007199254740993', '9223372036854775807', '-9223372036854775808', '9223372036854775808', '1e308', 'nan', '-inf', '0x10', ' 1', ''];

describe('a server under hostile input', () => {
  let store: Store;
  let control: RawClient;

  beforeAll(async () => {
    store = await startStore({ kind: 'larder-server' });
    control = await store.connect(2, 60_000);
  });
  afterAll(() => store.stop());

  const residentBytes = (): number => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${store.pid}/status`, 'latin1'))![1]) * 1024;
  const used = async (): Promise<number> => Number(/used_memory:(\d+)/.exec(String(await control.ask('INFO', 'memory')))![1]);

  /** Sends bytes, hangs up that end, and waits for the other: what came. */
  function throwAt(bytes: Buffer): Promise<Buffer> {
    return new Promise((resolve) => {
      const parts: Buffer[] = [];
      const socket = connect({ port: store.port, host: '127.0.0.1', allowHalfOpen: true });
      socket.on('data', (chunk: Buffer) => parts.push(chunk)).on('error', () => undefined);
      socket.on('end', () => socket.destroy()).on('close', () => resolve(Buffer.concat(parts)));
      socket.end(bytes);
    });
  }

  it('lives through mutated requests, answers other clients between them, and does not grow', async () => {
    const random = seededRandom(20_301);
    const mutate = (text: string): string => {
      for (let left = random.between(1, 4); left > 0; left--) {
        const at = random.between(0, text.length - 1);
        switch (random.between(0, 6)) {
          case 0: text = text.slice(0, at) + String.fromCharCode(random.between(0, 255)) + text.slice(at + 1); break;
          case 1: text = text.slice(0, at) + text.slice(at + random.between(1, 12)); break;
          case 2: text = text.slice(0, at) + random.pick(['\r\n', '*', '$', '*3\r\n', '$-1\r\n', '$536870912\r\n', '*1048576\r\n']) + text.slice(at); break;
          case 3: text = text.slice(0, at) + random.pick(SEEDS).slice(random.between(0, 40)); break;
          default: {
            // A number becomes a telling one, with its length made right: this gets past the decoder.
            const found = [...text.matchAll(/\$\d+\r\n(-?[\d.]+)\r\n/g)];
            if (found.length === 0) break;
            const one = random.pick(found);
            const number = random.pick(NUMBERS);
            text = `${text.slice(0, one.index)}$${number.length}\r\n${number}\r\n${text.slice(one.index + one[0].length)}`;
          }
        }
      }
      return text;
    };
    await throwAt(Buffer.from(SEEDS.join(''), 'latin1'));
    await control.ask('FLUSHALL');
    const [usedBefore, residentBefore] = [await used(), residentBytes()];
    for (let round = 0; round < ROUNDS; round += 20) {
      const inputs = Array.from({ length: 20 }, () => mutate(random.pick(SEEDS)));
      const [pong] = await Promise.all([control.ask('PING'), ...inputs.map((input) => throwAt(Buffer.from(input, 'latin1')))]);
      if (pong !== 'PONG' || !store.isRunning) throw new Error(`round ${round}: ${JSON.stringify(inputs)}\n${store.log()}`);
    }
    await control.ask('FLUSHALL');
    expect(await used()).toBeLessThan(usedBefore + 65_536);
    expect(residentBytes()).toBeLessThan(residentBefore + 200 * MIB);
    await waitFor('all clients to be gone', async () => /connected_clients:1\r/.test(String(await control.ask('INFO', 'clients'))));
  });

  it.each([
    ['returns tables nested a hundred thousand deep', 'local t = {} for i = 1, 100000 do t = {t} end return t'],
    ['returns a table that holds itself', 'local t = {} t[1] = t return t'],
    ['recurses without end', 'local function f(n) return 1 + f(n + 1) end return f(1)'],
    ['encodes nested tables as JSON', 'local t = {} for i = 1, 100000 do t = {t} end return cjson.encode(t)'],
    ['decodes deeply nested JSON', "return cjson.decode(string.rep('[', 100000))"],
    ['packs nested tables', 'local t = {} for i = 1, 100000 do t = {t} end return cmsgpack.pack(t)'],
    ['unpacks nested arrays', "return cmsgpack.unpack(string.rep('\\145', 100000))"],
    ['unpacks an array that announces 2^32 elements', "return cmsgpack.unpack('\\221\\255\\255\\255\\255')"],
    ['nests parentheses in its source', `return ${'('.repeat(300)}1${')'.repeat(300)}`],
    ['matches with a pattern that nests', "return string.find(string.rep('a', 1000), string.rep('(', 200))"],
    ['unpacks a format of great size', "return struct.unpack('>I' .. string.rep('9', 20), 'x')"],
    ['packs a string of a length that lies', "return struct.pack('c999999999', 'x')"],
    ['throws a table', 'error({})'],
    ['answers an error with line ends', "return {err = 'a\\r\\n$5\\r\\nb'}"],
    ['calls itself in pcall for ever', 'local function f() return pcall(f) end return f()'],
    ['asks for a command with a million arguments', "local t = {} for i = 1, 7900 do t[i] = 'x' end return redis.call('DEL', unpack(t))"],
  ])('lives through a script that %s', async (_, script) => {
    const answer = await throwAt(Buffer.from(encodeCommand(['EVAL', script, '0']), 'latin1'));
    expect(answer.length).toBeGreaterThan(0);
    expect(answer.length).toBeLessThan(64 * MIB);
    expect(await control.ask('PING')).toBe('PONG');
    // The machine of scripts is whole: the next one runs.
    expect(await control.ask('EVAL', 'return #ARGV[1]', '0', 'abc')).toBe(3);
  });

  it('takes keys, fields and members of many megabytes through every command that moves them, and gives them back', async () => {
    const before = await used();
    const long = 'k'.repeat(8 * MIB);
    const replies = await control.pipeline([
      ['SET', long, 'v', 'EX', '100'], ['GET', long], ['TYPE', long], ['EXPIRE', long, '50'], ['PERSIST', long], ['RENAME', long, `${long}2`], ['COPY', `${long}2`, long], ['SCAN', '0', 'COUNT', '100'], ['DUMP', long],
      ['HSET', 'h', long, long], ['HGET', 'h', long], ['SADD', 's', long], ['SISMEMBER', 's', long], ['ZADD', 'z', '1', long], ['ZSCORE', 'z', long], ['RPUSH', 'l', long], ['LPOS', 'l', long], ['EXISTS', long.slice(1)],
    ]);
    expect(replies.map(({ raw }) => raw.toString('latin1', 0, 1)).join('')).not.toContain('-');
    await control.ask('FLUSHALL');
    expect(await used()).toBeLessThan(before + 65_536);
  });

  it.each([
    [['SETRANGE', 'k', '536870912', 'x'], /^-ERR string exceeds maximum allowed size/],
    [['SETRANGE', 'k', '9223372036854775807', 'x'], /^-ERR /],
    [['LPOP', 'none', '9223372036854775807'], /^(\*-1|-ERR)/],
    [['LRANGE', 'l', '-9223372036854775808', '9223372036854775807'], /^\*3/],
    [['GETRANGE', 's', '-9223372036854775808', '9223372036854775807'], /^\$5/],
    [['SRANDMEMBER', 'set', '-9223372036854775808'], /^-ERR value is out of range/],
    [['HRANDFIELD', 'h', '-9223372036854775808'], /^-ERR value is out of range/],
    [['ZRANDMEMBER', 'z', '-9223372036854775808'], /^-ERR value is out of range/],
    [['SRANDMEMBER', 'set', '-2147483649'], /^-ERR the reply is too large/],
    [['HRANDFIELD', 'h', '-4611686018427387903', 'WITHVALUES'], /^-ERR the reply is too large/],
    [['ZRANDMEMBER', 'z', '-1000000000'], /^-ERR the reply is too large/],
    [['SRANDMEMBER', 'set', '9223372036854775807'], /^\*2/],
    [['SPOP', 'set', '9223372036854775807'], /^(\*2|-ERR)/],
    [['SCAN', '18446744073709551615', 'COUNT', '9223372036854775807'], /^\*2/],
    [['SCAN', '123456789012345678', 'COUNT', '1'], /^\*2/],
    [['HSCAN', 'h', '18446744073709551615'], /^\*2/],
    [['ZRANGE', 'z', '0', '-1', 'LIMIT', '0', '1'], /^-ERR/],
    [['ZRANGEBYSCORE', 'z', '-inf', '+inf', 'LIMIT', '9223372036854775807', '9223372036854775807'], /^\*0/],
    [['EVAL', 'return 1', '9223372036854775807'], /^-ERR/],
    [['EVAL', 'return 1', '-1'], /^-ERR/],
    [['SINTERCARD', '2147483647', 'set'], /^-ERR/],
    [['ZUNIONSTORE', 'd', '2147483647', 'z'], /^-ERR/],
    [['XADD', 'x', '18446744073709551615-18446744073709551615', 'f', 'v'], /^\$/],
    [['XRANGE', 'x', '99999999999999999999', '+'], /^-ERR/],
    [['EXPIRE', 's', '9223372036854775807'], /^-ERR invalid expire time/],
    [['OBJECT', 'FREQ', 'none'], /^(-ERR|\$-1)/],
    [['CLIENT', 'PAUSE', '-1'], /^-ERR/],
    [['KEYS', `${'*a'.repeat(30)}b`], /^\*0/],
  ] as const)('answers %j in its range', async (command, expected) => {
    await control.pipeline([['DEL', 'k', 'x', 'd'], ['SET', 's', 'value'], ['SADD', 'set', 'a', 'b'], ['HSET', 'h', 'f', 'v'], ['DEL', 'l'], ['RPUSH', 'l', 'a', 'b', 'c'], ['ZADD', 'z', '1', 'a'], ['SET', 'a'.repeat(40), 'v']]);
    const startedAt = performance.now();
    expect((await control.command(...command)).raw.toString('latin1')).toMatch(expected);
    if (process.env['CI'] !== 'true') expect(performance.now() - startedAt).toBeLessThan(500);
  });
});
