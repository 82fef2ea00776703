/** The judge judged: redis-server agrees with itself, and a planted lie is found and made small. */
import { describeNeeding, startStore } from '@larder/shared-testing';
import { changingProxy } from './changing-proxy.ts';
import { runDifferential } from './run-differential.ts';
import { runConversations } from './conversation/run-conversations.ts';
import { groups, printTable } from './rows/table.ts';

describeNeeding(['redis-server'], 'the differential run itself', () => {
  it('finds nothing between two redis-servers', async () => {
    const report = await runDifferential({ seed: 11, commands: 10_000, target: 'redis-server' });
    expect(report.differences.map((each) => each.text)).toEqual([]);
    expect(report.notBuilt).toEqual([]);
  }, 60_000);

  it('finds a wrong reply and shrinks it to the commands that matter', async () => {
    const server = await startStore({ kind: 'redis-server' });
    const proxy = await changingProxy(server.port, (command, reply) =>
      command[0] === 'LINSERT' && command[2] === 'BEFORE' && /^:[3-9]/.test(reply.toString()) ? Buffer.from(':99\r\n') : reply,
    );
    try {
      const report = await runDifferential({ seed: 12, commands: 10_000, groups: ['lists', 'strings'], target: String(proxy.port), differencesMax: 1 });
      expect(report.differences).toHaveLength(1);
      const { difference, text } = report.differences[0]!;
      expect(difference).toMatchObject({ reference: expect.stringMatching(/^:[3-9]\\r/), target: ':99\\r\\n' });
      expect(text).toMatch(/LINSERT l\d BEFORE/);
      expect(text.split('\n').length).toBeLessThanOrEqual(10);
    } finally {
      proxy.close();
      await server.kill();
    }
  }, 60_000);

  it('finds data that differs although every reply was equal', async () => {
    const server = await startStore({ kind: 'redis-server' });
    // Only the state check asks for TYPE here.
    const proxy = await changingProxy(server.port, (command, reply) => (command[0] === 'TYPE' && reply.toString() === '+zset\r\n' ? Buffer.from('+set\r\n') : reply));
    try {
      const report = await runDifferential({ seed: 13, commands: 3_000, only: ['ZADD'], groups: ['zsets'], target: String(proxy.port), differencesMax: 1 });
      expect(report.differences[0]?.difference.kind).toBe('state');
    } finally {
      proxy.close();
      await server.kill();
    }
  }, 60_000);

  it('finds nothing in conversations with itself, and somebody waits in a third of the turns', async () => {
    const report = await runConversations({ seed: 14, turns: 1_500, target: 'redis-server' });
    expect(report.differences.map((each) => each.text)).toEqual([]);
    expect(report.turnsWithWaiting).toBeGreaterThan(500);
  }, 60_000);

  it('says when the target is gone', async () => {
    const server = await startStore({ kind: 'redis-server' });
    const proxy = await changingProxy(server.port, (command, reply) => {
      // The first question, whether it has the command, comes without a key.
      if (command[0] === 'GETDEL' && command.length > 1) proxy.close();
      return reply;
    });
    await expect(runDifferential({ seed: 15, commands: 2_000, groups: ['strings'], target: String(proxy.port) })).rejects.toThrow(/ECONNREFUSED/);
    await server.kill();
  }, 60_000);

  it('has a table that can be printed, and no row without a grammar', () => {
    expect(printTable().split('\n').length).toBeGreaterThan(200);
    expect(groups.every((group) => group.rows.length > 0)).toBe(true);
  });
});
