// The proxy's process: `main.ts <file>`, the file as redis.conf is written: port, bind, leads-to, name, sentinel <host> <port> …, auth <user>
// <password>, first <host> <port>, waits-for-port, handover-dir. Secrets stand in that file alone.
import { readFileSync } from 'node:fs';
import { Gate } from './gate.ts';

const lines = readFileSync(process.argv[2]!, 'utf8').split('\n').map((line) => line.split(' '));
const valuesOf = (name: string): string[][] => lines.filter(([word]) => word === name).map(([, ...values]) => values);
const one = (name: string): string => valuesOf(name)[0]![0]!;
const [username, password] = valuesOf('auth')[0]! as [string, string];

const [first] = valuesOf('first');
const handOverDirectory = valuesOf('handover-dir')[0]?.[0];

const gate = new Gate({
  port: Number(one('port')), bind: one('bind'), leadsTo: one('leads-to') === 'replicas' ? 'replicas' : 'primary', name: one('name'), username, password,
  ...(first === undefined ? {} : { first: { host: first[0]!, port: Number(first[1]) } }), waitsForPort: valuesOf('waits-for-port')[0]?.[0] === 'yes',
  ...(handOverDirectory === undefined ? {} : { handOverDirectory }),
  sentinels: valuesOf('sentinel').map(([host, port]) => ({ host: host!, port: Number(port) })),
  log: (line) => void process.stdout.write(`${new Date().toISOString()} ${line}\n`),
});
gate.listen().catch((error: Error) => {
  process.stderr.write(`cannot listen: ${error.message}\n`);
  process.exit(1);
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    gate.stop();
    setTimeout(() => process.exit(0), 20); // connections that were handed over are ended, not only let go
  });
}
