/**
 * DUMP payloads that RESTORE gets: one for each type and encoding, written by the reference server at the start
 * of a run (their bytes may differ from run to run where a hash table decides the order; what they say does not).
 */
import type { Command, RawClient } from '@larder/shared-testing';
import { argument } from './grammar.ts';
import type { Part } from './grammar.ts';

const numbers = (count: number): string[] => Array.from({ length: count }, (_, at) => String(at));

const SAMPLES: readonly Command[] = [
  ['SET', 'sample0', '12345'],
  ['SET', 'sample1', 'abcdefgh'.repeat(30)],
  ['SET', 'sample2', '\x00\xff\r\n'],
  ['RPUSH', 'sample3', 'a', '1', '', 'x'.repeat(300)],
  ['RPUSH', 'sample4', ...numbers(400), 'y'.repeat(9000)],
  ['SADD', 'sample5', ...numbers(20)],
  ['SADD', 'sample6', ...numbers(5), 'word'],
  ['HSET', 'sample7', 'f1', '1', 'f2', 'two'],
  ['HSET', 'sample8', 'f1', 'v'.repeat(70), 'f2', '2'],
  ['ZADD', 'sample9', '1', 'a', '2.5', 'b', '-inf', 'c'],
  ['ZADD', 'sample10', '1', 'm'.repeat(70), '-0.1', 'b'],
  ['XADD', 'sample11', '5-1', 'f', 'v'],
];

let samples: string[] = ['\x00\x01a\x0a\x00', 'not a payload', ''];

/** Asks the reference for its payloads; the keys are removed again. */
export async function takePayloadSamples(reference: RawClient): Promise<void> {
  const taken: string[] = [];
  for (const [at, command] of SAMPLES.entries()) {
    await reference.ask(...command);
    taken.push((await reference.command('DUMP', `sample${at}`)).value().text);
    await reference.ask('DEL', `sample${at}`);
  }
  const spoiled = taken[7]!;
  samples = [...taken, ...taken, `${spoiled.slice(0, -1)}\x00`, spoiled.slice(0, 5), 'not a payload', ''];
}

export const payload: Part = argument('payload', (random) => random.pick(samples));
