/**
 * What is thrown at a server, and what must hold: mutated Lua scripts, ACL rules, RESTORE payloads and requests. Each input is a few
 * commands; the server answers all of them within the limit, or a script is killed within it, and goes on.
 *
 * RDB files and payloads with a look at every byte of memory are fuzzed in process: apps/data-plane/src/hostile-payloads.spec.ts.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeCommands, repositoryRoot } from '@larder/shared-testing';
import type { Command, RawClient } from '@larder/shared-testing';
import type { Random } from '../differential/random.ts';

export interface Fuzzer {
  /** Brings what it needs into the server. */
  begin?(client: RawClient): Promise<void>;
  next(random: Random): readonly Command[];
  /** After an input was answered: a fault, or nothing. */
  check?(client: RawClient): Promise<string | undefined>;
}

const corpus = (name: string): string => readFileSync(join(repositoryRoot(), 'apps/data-plane-e2e/src/hostile/corpus', name), 'latin1');

const NUMBERS = ['-1', '0', '1', '255', '65536', '2147483647', '-2147483648', '4294967296', '9007199254740993', '1e308', '0/0', '1/0', '0x7fffffff', "''", 'nil', '{}'];

/** Bytes changed, cut, doubled, taken from elsewhere. */
function mutateBytes(random: Random, text: string, others: readonly string[]): string {
  const at = random.between(0, text.length);
  switch (random.between(0, 5)) {
    case 0: return text.slice(0, at) + String.fromCharCode(random.between(0, 255)) + text.slice(at + 1);
    case 1: return text.slice(0, at) + text.slice(at + random.between(1, 12));
    case 2: return text.slice(0, at) + text.slice(Math.max(0, at - random.between(1, 20)), at) + text.slice(at);
    case 3: return text.slice(0, at) + String.fromCharCode(random.pick([0, 10, 13, 0x20, 0x7f, 0x80, 0xc0, 0xff])) + text.slice(at);
    default: {
      const other = random.pick(others);
      const from = random.between(0, other.length);
      return text.slice(0, at) + other.slice(from, from + random.between(1, 60)) + text.slice(random.chance(0.5) ? at : text.length);
    }
  }
}

/** As above, or a word exchanged for another: what is still a program gets further. */
function mutateWords(random: Random, text: string, others: readonly string[]): string {
  for (let left = random.between(1, 4); left > 0; left--) {
    const words = [...text.matchAll(/[A-Za-z_.]+|\d[\w.]*|'[^']*'|[^\s\w]/g)];
    if (words.length === 0 || random.chance(0.35)) {
      text = mutateBytes(random, text, others);
      continue;
    }
    const word = random.pick(words);
    const from = [...random.pick(others).matchAll(/[A-Za-z_.]+|\d[\w.]*|'[^']*'|[^\s\w]/g)].map((match) => match[0]);
    const instead = /^\d/.test(word[0]) ? random.pick(NUMBERS) : random.chance(0.2) ? '' : random.pick(from.length > 0 ? from : NUMBERS);
    text = text.slice(0, word.index) + instead + text.slice(word.index + word[0].length);
  }
  return text;
}

function scripts(): Fuzzer {
  const sources = corpus('scripts.txt').split('----\n');
  return {
    next(random) {
      let source: string;
      do source = mutateWords(random, random.pick(sources), sources);
      while (countsBillions(source));
      return [['FLUSHALL'], ['EVAL', source, '1', 'key', random.pick(NUMBERS)], ['EVAL', 'return #ARGV[1]', '0', 'abc']];
    },
  };
}

/**
 * Lua's own string.rep and table.insert go through billions of places when asked, and cannot be interrupted, in Redis neither: nothing
 * to be found there.
 */
function countsBillions(source: string): boolean {
  return /\b(rep|insert)\b/.test(source) && /\d{7}|0x[\da-f]{6}|e308|\/0/i.test(source);
}

function aclRules(): Fuzzer {
  const lines = corpus('acl-rules.txt').trim().split('\n');
  return {
    next(random) {
      const words = Array.from({ length: random.between(1, 4) }, () => random.pick(random.pick(lines).split(' ')));
      const mutated = words.map((word) => (random.chance(0.6) ? mutateBytes(random, word, lines) : word));
      // These are shown as other rules look, in Redis too: `check` could not tell.
      for (const [i, word] of mutated.entries()) if (/^[+-].* |^%[rw]+~\*$/is.test(word)) mutated[i] = words[i]!;
      return [['ACL', 'DELUSER', 'fuzz'], ['ACL', 'SETUSER', 'fuzz', ...mutated], ['ACL', 'GETUSER', 'fuzz'], ['ACL', 'DRYRUN', 'fuzz', ...mutateBytes(random, 'set object:1 v', lines).split(' ')]];
    },
    /** What ACL LIST says of a user makes the same user. */
    async check(client) {
      const line = ((await client.ask('ACL', 'LIST')) as string[]).find((text) => text.startsWith('user fuzz '));
      if (line === undefined) return undefined; // the rules were refused
      if (/ (?: |$)/.test(line)) return undefined; // a word with a space in it is shown as it is
      const rules = line.split(' ').slice(2);
      await client.ask('ACL', 'DELUSER', 'twin');
      const answer = (await client.command('ACL', 'SETUSER', 'twin', ...joined(rules))).raw.toString('latin1');
      // What `%RW~*` and a pattern behind it make is shown so that it cannot be read again, in Redis too.
      if (/after the \* pattern/.test(answer)) return undefined;
      if (answer.startsWith('-')) return `ACL LIST says ${line}, and SETUSER of that ${answer}`;
      const [user, twin] = [await client.command('ACL', 'GETUSER', 'fuzz'), await client.command('ACL', 'GETUSER', 'twin')];
      await client.ask('ACL', 'DELUSER', 'fuzz', 'twin');
      return user.raw.equals(twin.raw) ? undefined : `${line} makes another user: ${twin.raw.toString('latin1')} of ${user.raw.toString('latin1')}`;
    },
  };
}

/** A selector is one word to SETUSER. */
function joined(rules: readonly string[]): string[] {
  const out: string[] = [];
  for (const rule of rules) {
    const last = out.at(-1);
    if (last?.startsWith('(') === true && !last.endsWith(')')) out[out.length - 1] = `${last} ${rule}`;
    else out.push(rule);
  }
  return out;
}

const TABLE = Array.from({ length: 256 }, (_, byte) => {
  let crc = BigInt(byte);
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1n) === 1n ? (crc >> 1n) ^ 0x95ac9329ac4bc9b5n : crc >> 1n;
  return crc;
});

/** The checksum that RESTORE asks for (CRC-64 of Jones, reflected). */
function sealed(body: string): string {
  let crc = 0n;
  for (const byte of Buffer.from(`${body}\n\0`, 'latin1')) crc = TABLE[Number(crc & 255n) ^ byte]! ^ (crc >> 8n);
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(crc);
  return `${body}\n\0${bytes.toString('latin1')}`;
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `v${i}`);
const SAMPLES: readonly Command[] = [
  ['SET', 'k', 'x'.repeat(300)], ['RPUSH', 'k', 'a', '1', '', ...numbered(200)], ['SADD', 'k', '1', '2', '70000'], ['SADD', 'k', ...numbered(200)], ['HSET', 'k', 'f', '1', 'g', 'two'],
  ['HSET', 'k', 'f', 'v'.repeat(70)], ['ZADD', 'k', '1', 'a', '2.5', 'b'], ['ZADD', 'k', '1', 'm'.repeat(70), '2', 'n'], ['XADD', 'k', '1-1', 'f', 'v'], ['PFADD', 'k', 'a', 'b'],
];
const USES: readonly Command[] = [
  ['DUMP', 'k'], ['OBJECT', 'ENCODING', 'k'], ['COPY', 'k', 'k2', 'REPLACE'], ['LRANGE', 'k', '0', '-1'], ['LPUSH', 'k', 'x'], ['SMEMBERS', 'k'], ['SADD', 'k', 'x'], ['HGETALL', 'k'], ['HSET', 'k', 'x', 'y'],
  ['ZRANGE', 'k', '0', '-1', 'WITHSCORES'], ['ZADD', 'k', '3', 'x'], ['XRANGE', 'k', '-', '+'], ['XINFO', 'STREAM', 'k', 'FULL'], ['PFCOUNT', 'k'], ['SORT', 'k', 'ALPHA'], ['APPEND', 'k', 'x'],
];

function payloads(): Fuzzer {
  const bodies: string[] = [];
  return {
    async begin(client) {
      for (const sample of SAMPLES) {
        await client.ask('FLUSHALL');
        await client.pipeline([sample]);
        if (sample[0] === 'XADD') await client.pipeline([['XGROUP', 'CREATE', 'k', 'g', '0'], ['XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', 'k', '>']]);
        bodies.push((await client.command('DUMP', 'k')).value().text.slice(0, -10));
      }
    },
    next(random) {
      let body = random.pick(bodies);
      for (let left = random.between(1, 3); left > 0; left--) body = mutateBytes(random, body, bodies);
      return [['FLUSHALL'], ['RESTORE', 'k', '0', sealed(body)], ...Array.from({ length: 6 }, () => random.pick(USES))];
    },
  };
}

export const fuzzers: Readonly<Record<string, () => Fuzzer>> = { scripts, acl: aclRules, payloads };

export const shown = (commands: readonly Command[]): string => commands.map((command) => JSON.stringify(encodeCommands([command]).toString('latin1'))).join('\n  ');
