/** What others than replicas in the usual sense see of a primary: tools, liars, nobody at all. */
import { spawn } from 'node:child_process';
import { connectRaw, describeNeeding, waitFor } from '@larder/shared-testing';
import { ask, info, linkIsUp, start, stopAll } from './chain.ts';

afterEach(stopAll);

describeNeeding(['redis-cli'], 'redis-cli --replica', () => {
  it('is given the data and then every write', async () => {
    const primary = await start('larder-server');
    await ask(primary, 'SET', 'before', '1');
    const tool = spawn('redis-cli', ['-p', String(primary.port), '--replica'], { stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      let output = '';
      tool.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('latin1')));
      await waitFor('it to be fed', async () => /state=online/.test((await info(primary)).get('slave0') ?? ''));
      await ask(primary, 'SET', 'after', 'two words');
      await waitFor('the write', () => output.includes('"SET","after","two words"'));
    } finally {
      tool.kill('SIGKILL');
    }
  }, 30_000);
});

describe('a primary', () => {
  it('does not believe a replica that has more than there is', async () => {
    const primary = await start('larder-server');
    const liar = await connectRaw({ port: primary.port });
    await liar.ask('REPLCONF', 'capa', 'eof', 'capa', 'psync2');
    liar.write('PSYNC ? -1\r\n');
    await waitFor('the snapshot', async () => /state=online/.test((await info(primary)).get('slave0') ?? ''));
    liar.write('REPLCONF ACK 99999999999\r\n');
    const client = await primary.connect();
    await client.ask('SET', 'a', '1');
    expect(await client.ask('WAIT', '1', '100')).toBe(0);
    expect((await info(primary)).get('slave0')).toContain('offset=0,');
    client.close();
    liar.close();
  });

  it('hears its replicas while it holds up all clients', async () => {
    const primary = await start('larder-server', '--repl-timeout', '2');
    const replica = await start('larder-server', '--replicaof', `127.0.0.1 ${primary.port}`);
    await linkIsUp(replica);
    await ask(primary, 'CLIENT', 'PAUSE', '3500', 'ALL');
    expect((await info(primary)).get('slave0')).toMatch(/state=online,.*lag=[01]$/); // answered when the pause is over
    expect(primary.log()).not.toContain('Disconnecting timedout replica');
  }, 30_000);

  it('gives up its backlog when there have been no replicas for long enough', async () => {
    const primary = await start('larder-server', '--repl-backlog-ttl', '1');
    const replica = await start('larder-server', '--replicaof', `127.0.0.1 ${primary.port}`);
    await linkIsUp(replica);
    const before = await info(primary);
    expect(before.get('repl_backlog_active')).toBe('1');
    await replica.kill();
    await primary.waitForLog('Replication backlog freed after 1 seconds without connected replicas.');
    const fields = await info(primary);
    expect([fields.get('repl_backlog_active'), fields.get('master_replid') === before.get('master_replid')]).toEqual(['0', false]);
  }, 30_000);
});
