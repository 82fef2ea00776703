import type { CommandRow, Unit } from '@larder/store-dispatch';
import { Args, Reply } from '@larder/store-resp';
import { Crew } from './crew';
import type { StoreServer } from './store-server';

/** Thread 0 of three, whose fellows answer what they are told to. */
function crewWith(answers: readonly string[]) {
  const warnings: string[] = [];
  const mail = { on: () => undefined, onQuestion: () => undefined, isReady: () => true, ask: (thread: number) => Buffer.from(answers[thread]!) };
  const server = { pubsub: {}, log: { warning: (text: string) => warnings.push(text) } };
  const crew = new Crew(server as unknown as StoreServer, { mail, count: answers.length, index: 0, gate: {} } as never);
  return { crew, warnings };
}

function run(row: CommandRow): string {
  const reply = new Reply();
  reply.simple('before');
  row.run({ reply, args: new Args().set([Buffer.from('acl'), Buffer.from('load')]), session: {} } as unknown as Unit);
  return reply.buf.toString('latin1', 0, reply.pos);
}

const loads: CommandRow = { name: 'acl|load', needs: 'exclusive', run: ({ reply }) => reply.ok() };

test('what all threads have done is done', () => {
  const { crew, warnings } = crewWith(['', '+OK\r\n', '+OK\r\n']);
  expect(run(crew.rows([loads])[0]!)).toBe('+before\r\n+OK\r\n');
  expect(warnings).toEqual([]);
});

test('what one thread could not do is said, to the client and in the log', () => {
  const { crew, warnings } = crewWith(['', '+OK\r\n', '-ERR the file has changed\r\n']);
  expect(run(crew.rows([loads])[0]!)).toBe('+before\r\n-ERR the file has changed\r\n');
  expect(warnings).toEqual(['A thread has refused what another one has done: -ERR the file has changed']);
});
