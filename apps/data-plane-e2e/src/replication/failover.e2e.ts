/** FAILOVER in all its forms, beside redis-server where that can be compared. */
import { describeNeeding, waitFor } from '@larder/shared-testing';
import { ask, inStep, info, linkIsUp, raw, start, stopAll } from './chain.ts';

afterEach(stopAll);

const online = (store: Awaited<ReturnType<typeof start>>) =>
  waitFor('the replica to be online', async () => /state=online/.test((await info(store)).get('slave0') ?? ''));

describeNeeding(['redis-server'], 'FAILOVER', () => {
  it('is refused in the words of redis-server', async () => {
    const answers = [];
    for (const kind of ['redis-server', 'larder-server'] as const) {
      const primary = await start(kind);
      const alone = [await raw(primary, 'FAILOVER'), await raw(primary, 'FAILOVER', 'ABORT')];
      const replica = await start(kind, '--replicaof', `127.0.0.1 ${primary.port}`);
      await linkIsUp(replica);
      await online(primary);
      const to = ['TO', '127.0.0.1', String(replica.port)];
      const refused = [
        ['TO'], ['TO', '127.0.0.1'], ['TO', '127.0.0.1', '1'], ['TO', '127.0.0.1', 'x'], ['TO', 'elsewhere', String(replica.port)],
        ['TIMEOUT'], ['TIMEOUT', '0'], ['TIMEOUT', '-1'], ['TIMEOUT', 'x'], ['TIMEOUT', '5', 'TIMEOUT', '5'],
        ['FORCE'], ['FORCE', 'TIMEOUT', '50'], [...to, 'FORCE'], [...to, ...to], ['FORCE', 'FORCE'], ['ABORT', 'ABORT'], ['ABORT'], ['NOW'],
      ];
      const given = [];
      for (const options of refused) given.push([options.join(' ').replaceAll(String(replica.port), 'PORT'), await raw(primary, 'FAILOVER', ...options)]);
      answers.push({ alone, given, replica: await raw(replica, 'FAILOVER'), role: (await info(primary)).get('master_failover_state') });
      await stopAll();
    }
    expect(answers[1]).toEqual(answers[0]);
  }, 60_000);

  it('with FORCE does not wait for a replica that hangs beyond the time-out, and follows it when it is back', async () => {
    const primary = await start('larder-server');
    const replica = await start('larder-server', '--replicaof', `127.0.0.1 ${primary.port}`);
    await linkIsUp(replica);
    await online(primary);
    process.kill(replica.pid, 'SIGSTOP');
    await ask(primary, 'SET', 'not', 'there');
    expect(await ask(primary, 'FAILOVER', 'TO', '127.0.0.1', String(replica.port), 'FORCE', 'TIMEOUT', '200')).toBe('OK');
    await waitFor('it to go on', async () => (await info(primary)).get('master_failover_state') === 'failover-in-progress');
    expect((await info(primary)).get('role')).toBe('slave');
    process.kill(replica.pid, 'SIGCONT');
    await waitFor('the replica to be the primary', async () => (await info(replica)).get('role') === 'master');
    await linkIsUp(primary);
    await ask(replica, 'SET', 'after', 'failover');
    await inStep(replica, primary);
    expect((await info(primary)).get('master_failover_state')).toBe('no-failover');
  }, 60_000);

  it('is given up while it is under way: the primary is one again', async () => {
    const primary = await start('larder-server');
    const replica = await start('larder-server', '--replicaof', `127.0.0.1 ${primary.port}`);
    await linkIsUp(replica);
    await online(primary);
    process.kill(replica.pid, 'SIGSTOP');
    await ask(primary, 'SET', 'not', 'there');
    await ask(primary, 'FAILOVER', 'TO', '127.0.0.1', String(replica.port), 'FORCE', 'TIMEOUT', '100');
    await waitFor('it to go on', async () => (await info(primary)).get('master_failover_state') === 'failover-in-progress');
    expect(await ask(primary, 'FAILOVER', 'ABORT')).toBe('OK');
    expect(await ask(primary, 'SET', 'a', '1')).toBe('OK');
    expect((await info(primary)).get('role')).toBe('master');
  }, 60_000);
});
