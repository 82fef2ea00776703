// The backups' part of a worker as a program of its own, for tests that kill it. Everything it needs comes by environment.
import { BackupLoop, FileStorage, LocalScratchEngine, SnapshotSource } from '@larder/plane-backups';
import { IoredisInstanceLink } from '@larder/plane-instance-link';
import { connectRecords, secretBoxOf, unitOfWorkOn } from '@larder/plane-records';
import { systemClock, systemRandom, uuidV7 } from '@larder/shared-std';
import path from 'node:path';

const env = (name: string): string => process.env[name] ?? '';
const work = unitOfWorkOn(connectRecords(env('DATABASE_URL'), { connectionsMax: 4 }));
const secrets = secretBoxOf(new Uint8Array(Buffer.from(env('MASTER_KEY'), 'hex')));
const ids = uuidV7(systemClock, systemRandom);
const home = env('LARDER_HOME');
/** Slower than a real one, so that a kill meets it in any of its steps. */
const source = new SnapshotSource({ records: work.records, secrets, link: new IoredisInstanceLink(), bindAddress: '127.0.0.1' });
const loop = new BackupLoop({
  ports: {
    work, secrets, ids, clock: { ...systemClock, now: () => Date.now() + Number(env('CLOCK_AHEAD_MS')) }, holder: ids.next(), source: {
      async open(instanceId) {
        const { rdb, engineVersion } = await source.open(instanceId);
        return { engineVersion, rdb: slowly(rdb) };
      },
    },
    storage: new FileStorage({ root: path.join(home, 'backups') }),
    scratch: new LocalScratchEngine({ root: path.join(home, 'scratch'), engineCommand: 'redis-server' }),
  },
  sweepMs: 150, onError: (error) => process.stderr.write(`${String(error)}\n`),
});

async function* slowly(rdb: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of rdb) {
    for (let at = 0; at < chunk.length; at += 20_000) {
      yield chunk.subarray(at, at + 20_000);
      await new Promise((wake) => setTimeout(wake, 3));
    }
  }
}

setInterval(() => undefined, 60_000); // the clock's own timers keep nothing alive
loop.start();
process.stdout.write('running\n');
