/**
 * What tools read besides data: INFO's sections and fields, the settings' names and defaults, the command table, the lines of CLIENT LIST.
 * Whatever redis-server 7.0.15 shows and the target does not is listed in `missing.ts` with its reason, or is a failure.
 */
import { describeNeeding, parseReply, waitFor } from '@larder/shared-testing';
import type { RawClient, ReplyValue } from '@larder/shared-testing';
import { expectedCommands } from '../differential/expected-commands.ts';
import { canonical } from '../differential/normalise.ts';
import { endpoint, Pair } from '../differential/pair.ts';
import { targetKind } from '../target.ts';
import { longerSince72, missingInfoFields, missingSettings, otherDefaults } from './missing.ts';

describeNeeding(['redis-server'], `what ${targetKind} shows beside redis-server`, () => {
  const pair = new Pair(endpoint('redis-server'), endpoint(targetKind));
  let reference: RawClient;
  let target: RawClient;

  beforeAll(async () => {
    await pair.ensureRunning();
    ({ reference, target } = await pair.controls());
    for (const client of [reference, target]) await client.pipeline([['SET', 'k', 'v', 'EX', '1000'], ['GET', 'k'], ['GET', 'none'], ['EVAL', 'return 1', '0'], ['nosuch']]);
  });
  afterAll(() => pair.stop());

  const info = async (client: RawClient, ...sections: string[]): Promise<string> => String(await client.ask('INFO', ...sections));
  const sectionsOf = (text: string): string[] => [...text.matchAll(/^# (.+?)\r?$/gm)].map((match) => match[1]!);
  /** `cmdstat_get` and its like name commands, not fields. */
  const fieldsOf = (text: string): string[] =>
    [...text.matchAll(/^([^#\r\n:]+):/gm)].map((match) => match[1]!.replace(/^(cmdstat|errorstat|latency_percentiles_usec)_.*/, '$1_*').replace(/^db\d+$/, 'db*'));

  it.each([[[]], [['all']], [['everything']], [['default']], [['server', 'memory']]])('has the sections of INFO %j in the same order', async (sections: string[]) => {
    const isKnown = (name: string): boolean => name !== 'Modules';
    expect(sectionsOf(await info(target, ...sections)).filter(isKnown)).toEqual(sectionsOf(await info(reference, ...sections)).filter(isKnown));
  });

  it.each(['server', 'clients', 'memory', 'persistence', 'stats', 'replication', 'cpu', 'errorstats', 'cluster', 'keyspace', 'commandstats'])('has every field of INFO %s', async (section) => {
    const there = new Set(fieldsOf(await info(target, section)));
    const missing = [...new Set(fieldsOf(await info(reference, section)))].filter((field) => !there.has(field) && !missingInfoFields.has(field));
    expect(missing).toEqual([]);
  });

  it('tells how much goes in and out in a second', async () => {
    const said = await waitFor('a second to be over', async () => {
      await target.pipeline(Array.from({ length: 100 }, () => ['ECHO', 'x'.repeat(1000)]));
      const stats = await info(target, 'stats');
      return /^instantaneous_input_kbps:(?!0\.00)/m.test(stats) && stats;
    });
    expect(said).toMatch(/^instantaneous_output_kbps:(?!0\.00)\d+\.\d\d\r$/m);
    expect(said).toMatch(/^instantaneous_ops_per_sec:[1-9]\d*\r$/m);
  });

  it('ends lines of INFO with CR LF and separates sections with an empty line', async () => {
    const text = await info(target, 'server', 'clients');
    expect(text.split('\n').every((line) => line === '' || line.endsWith('\r'))).toBe(true);
    expect(text).toMatch(/\r\n\r\n# Clients\r\n/);
  });

  it('writes lines of commandstats, errorstats and keyspace in the form that tools parse', async () => {
    expect(await info(target, 'commandstats')).toMatch(/^cmdstat_get:calls=\d+,usec=\d+,usec_per_call=\d+\.\d{2},rejected_calls=\d+,failed_calls=\d+\r$/m);
    expect(await info(target, 'errorstats')).toMatch(/^errorstat_ERR:count=\d+\r$/m);
    expect(await info(target, 'keyspace')).toMatch(/^db0:keys=1,expires=1,avg_ttl=\d+\r$/m);
  });

  it('has the settings of redis-server with the same defaults', async () => {
    const settings = async (client: RawClient): Promise<Map<string, string>> => {
      const { items } = (await client.command('CONFIG', 'GET', '*')).value();
      return new Map(items.flatMap((item, at) => (at % 2 === 0 ? [[item.text, items[at + 1]!.text] as const] : [])));
    };
    const [wanted, given] = [await settings(reference), await settings(target)];
    expect([...wanted.keys()].filter((name) => !given.has(name) && !missingSettings.has(name)).sort()).toEqual([]);
    const unlike = [...wanted].filter(([name, value]) => given.has(name) && given.get(name) !== value && !otherDefaults.has(name)).map(([name, value]) => `${name}: ${value} / ${given.get(name)}`);
    expect(unlike.sort()).toEqual([]);
  });

  it('describes every built command like redis-server: arity, flags, keys, categories', async () => {
    const names = expectedCommands.map((name) => name.toLowerCase().replace(' ', '|'));
    const entries = async (client: RawClient): Promise<readonly ReplyValue[]> => (await client.command('COMMAND', 'INFO', ...names)).value().items;
    const [wanted, given] = [await entries(reference), await entries(target)];
    const unlike = names.filter((name, at) => !longerSince72.has(name) && described(wanted[at]!) !== described(given[at]!));
    expect(unlike.map((name) => `${name}: ${described(wanted[names.indexOf(name)]!)} / ${described(given[names.indexOf(name)]!)}`)).toEqual([]);
  });

  it('says the same in HELLO', async () => {
    for (const protocol of ['2', '3']) {
      const answers = await Promise.all([pair.reference, pair.target].map(async (side) => {
        const client = await side.store!.connect();
        const reply = parseReply((await client.command('HELLO', protocol)).raw);
        client.close();
        return reply.items.map((item, at) => (reply.items[at - 1]?.text === 'id' ? 'id' : canonical(item))).join(' ');
      }));
      expect(answers[1]).toBe(answers[0]);
    }
  });

  it('lists clients with the same fields in the same order', async () => {
    const names = async (client: RawClient): Promise<string[]> => String(await client.ask('CLIENT', 'LIST')).split('\n')[0]!.split(' ').map((pair_) => pair_.split('=')[0]!);
    // What Redis 7.2 added comes last.
    expect(await names(target)).toEqual([...(await names(reference)), 'lib-name', 'lib-ver']);
  });
});

/** Flags and categories are sets; subcommands are kept in a hash table and compared under their own names. */
function described(entry: ReplyValue): string {
  if (entry.isNull) return 'unknown';
  return entry.items
    .slice(0, 9)
    .map((item, at) => ([2, 6, 7].includes(at) ? item.items.map(canonical).sort().join(' ') : canonical(item)))
    .join(' ');
}
