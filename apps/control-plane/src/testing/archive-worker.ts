// The archive's part of a worker as a program of its own, for tests that kill it. Everything it needs comes by environment.
import path from 'node:path';
import { ArchiveLoop, FileStorage, LocalLogSource, LocalScratchEngine } from '@larder/plane-backups';
import { IoredisInstanceLink } from '@larder/plane-instance-link';
import { connectRecords, secretBoxOf, unitOfWorkOn } from '@larder/plane-records';
import { systemClock, systemRandom, uuidV7 } from '@larder/shared-std';

const env = (name: string): string => process.env[name] ?? '';
const work = unitOfWorkOn(connectRecords(env('DATABASE_URL'), { connectionsMax: 4 }));
const secrets = secretBoxOf(new Uint8Array(Buffer.from(env('MASTER_KEY'), 'hex')));
const ids = uuidV7(systemClock, systemRandom);
const home = env('LARDER_HOME');
const sound = new FileStorage({ root: path.join(home, 'backups') });
const loop = new ArchiveLoop({
  ports: {
    work, secrets, ids, clock: systemClock, holder: ids.next(),
    source: new LocalLogSource({ records: work.records, secrets, link: new IoredisInstanceLink(), bindAddress: '127.0.0.1' }),
    scratch: new LocalScratchEngine({ root: path.join(home, 'scratch'), engineCommand: env('ENGINE') }),
    // Slower than a real one, so that a kill meets it in any of its steps.
    storage: Object.assign(Object.create(sound) as FileStorage, {
      put: async (key: string, body: AsyncIterable<Uint8Array>) => {
        const put = await FileStorage.prototype.put.call(sound, key, body);
        await new Promise((wake) => setTimeout(wake, 60));
        return put;
      },
      get: (key: string) => sound.get(key), stat: (key: string) => sound.stat(key), list: (prefix: string) => sound.list(prefix), delete: (key: string) => sound.delete(key),
    }),
  },
  sweepMs: 50, onError: (error) => process.stderr.write(`${String(error)}\n`),
});
setInterval(() => undefined, 60_000); // the clock's own timers keep nothing alive
loop.start();
