/** Keyspace notifications: what a listener to all of them hears of random commands is the same from both servers. */
import { connectRaw, describeNeeding, parseReply } from '@larder/shared-testing';
import type { RawClient } from '@larder/shared-testing';
import { targetKind } from '../../target.ts';
import { generator } from '../generator.ts';
import { commandNames, knownCommands } from '../known-commands.ts';
import { endpoint, Pair } from '../pair.ts';
import { seededRandom } from '../random.ts';
import { groups } from '../rows/table.ts';
import type { Step } from '../step.ts';

const STEPS = 1_500;
const GROUPS = ['strings', 'hashes', 'lists', 'sets', 'zsets', 'streams', 'keys', 'transactions'];
/** Their choice, or their moment, is chance. */
const CHANCE = ['SPOP', 'SRANDMEMBER', 'RANDOMKEY', 'HRANDFIELD', 'ZRANDMEMBER', 'PEXPIRE', 'RESTORE'];

interface Ear {
  readonly speaker: RawClient;
  readonly listener: RawClient;
}

async function ear(port: number): Promise<Ear> {
  const [speaker, listener] = [await connectRaw({ port }), await connectRaw({ port })];
  await speaker.pipeline([['FLUSHALL'], ['CONFIG', 'SET', 'notify-keyspace-events', 'KEAn']]);
  await listener.command('PSUBSCRIBE', '*');
  return { speaker, listener };
}

/** In no order: when a member moves, Redis makes the new set after it took the member from the old one. */
async function heard({ speaker, listener }: Ear, step: Step): Promise<string> {
  await speaker.pipeline([...step.commands, ['PUBLISH', 'end', '']]);
  const out: string[] = [];
  for (;;) {
    const [frame] = await listener.frames(1);
    const [, , channel, message] = parseReply(frame!).items.map((item) => item.text);
    if (channel === 'end') return out.sort().join('\n');
    // When a key past its time is found is the cycle's matter.
    if (!`${channel} ${message}`.includes('expired')) out.push(`${channel} ${message}`);
  }
}

describeNeeding(['redis-server'], `events of keys on redis-server and ${targetKind}`, () => {
  const pair = new Pair(endpoint('redis-server'), endpoint(targetKind));

  beforeAll(() => pair.ensureRunning());
  afterAll(() => pair.stop());

  it('publishes the same events', async () => {
    const chosen = groups
      .filter((group) => GROUPS.includes(group.name))
      .map((group) => ({ ...group, rows: group.rows.filter((row) => !CHANCE.includes(row.command)) }));
    const known = await knownCommands(pair.target, commandNames(chosen));
    const draw = generator(chosen, (command) => known.has(command), seededRandom(1));
    const [reference, target] = [await ear(pair.reference.port), await ear(pair.target.port)];
    let events = 0;
    for (let n = 0; n < STEPS; n++) {
      const step = draw.step(2);
      if (step.kind === 'walk' || step.pauseMs !== undefined) continue;
      const [left, right] = await Promise.all([heard(reference, step), heard(target, step)]);
      expect({ step: step.commands, events: right }).toEqual({ step: step.commands, events: left });
      if (left !== '') events += left.split('\n').length;
    }
    expect(events).toBeGreaterThan(STEPS / 2);
    for (const each of [reference, target]) {
      each.speaker.close();
      each.listener.close();
    }
  }, 60_000);
});
