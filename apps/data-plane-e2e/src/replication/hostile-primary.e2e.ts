/** Primaries that are none: what they send must neither end a replica nor cost it what it has. */
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { waitFor } from '@larder/shared-testing';
import type { Store } from '@larder/shared-testing';
import { ask, info, start, stopAll } from './chain.ts';

const ID = 'f'.repeat(40);
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  await stopAll();
});

/** Answers the handshake, and PSYNC with these bytes. */
async function liar(answer: Buffer): Promise<{ port: number; asked: () => number }> {
  let asked = 0;
  const server = createServer((socket) => {
    socket.on('error', () => undefined).on('data', (chunk) => {
      for (const word of chunk.toString('latin1').match(/PING|REPLCONF|PSYNC/g) ?? []) {
        if (word === 'PSYNC') asked++;
        socket.write(word === 'PSYNC' ? answer : '+OK\r\n');
      }
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, asked: () => asked };
}

const text = (words: string) => Buffer.concat([Buffer.from([words.length]), Buffer.from(words, 'latin1')]);
const aux = (name: string, value: string) => Buffer.concat([Buffer.from([250]), text(name), text(value)]);
/** Without a checksum, which is allowed. */
const rdb = (...parts: Buffer[]) => Buffer.concat([Buffer.from('REDIS0010', 'latin1'), ...parts, Buffer.from([255]), Buffer.alloc(8)]);
const key = Buffer.concat([Buffer.from([254, 0, 0]), text('key'), text('value')]);
const full = (file: Buffer, stream = '') => Buffer.concat([Buffer.from(`+FULLRESYNC ${ID} 10\r\n$${file.length}\r\n`, 'latin1'), file, Buffer.from(stream, 'latin1')]);

async function following(port: number): Promise<Store> {
  const replica = await start('larder-server');
  await ask(replica, 'SET', 'own', 'data');
  await ask(replica, 'REPLICAOF', '127.0.0.1', String(port));
  return replica;
}

describe('a replica of a server that', () => {
  it.each<[string, Buffer]>([
    ['announces more bytes than there can be', Buffer.from(`+FULLRESYNC ${ID} 10\r\n$999999999999999\r\nREDIS0010`, 'latin1')],
    ['names an offset beyond all numbers', Buffer.from(`+FULLRESYNC ${ID} 99999999999999999999\r\n`, 'latin1')],
    ['sends no snapshot but words', full(Buffer.from('it was a dark and stormy night'))],
    ['sends an empty snapshot', full(Buffer.alloc(0))],
    ['sends a line without an end', Buffer.alloc(1 << 20, 'a')],
    ['says that its id is something else', Buffer.from('+FULLRESYNC short 10\r\n$0\r\n', 'latin1')],
    ['ends its snapshot in the middle of a value', full(rdb(key).subarray(0, 14))],
  ])('%s keeps what it has', async (_, answer) => {
    const { port, asked } = await liar(answer);
    const replica = await following(port);
    await waitFor('it to be asked', () => asked() > 0);
    expect(await ask(replica, 'GET', 'own')).toBe('data');
    await ask(replica, 'REPLICAOF', 'NO', 'ONE');
    expect(await ask(replica, 'SET', 'own', 'more')).toBe('OK');
  });

  it('names a database that there is not goes on in the first one', async () => {
    const set = '*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n';
    const { port } = await liar(full(rdb(aux('repl-stream-db', '99999'), key), set));
    const replica = await following(port);
    await waitFor('the stream', async () => (await ask(replica, 'GET', 'a')) === '1');
    expect(await ask(replica, 'GET', 'key')).toBe('value');
  });

  it.each([
    ['a bulk of a length that never comes', '*2\r\n$3\r\nGET\r\n$999999999999999\r\nabc'],
    ['a command of two thousand million words', '*2000000000\r\n$3\r\nSET\r\n'],
    ['no command at all', '*1\r\n:12\r\n'],
    ['a database that there is not', '*2\r\n$6\r\nSELECT\r\n$9\r\n123456789\r\n*3\r\n$3\r\nSET\r\n$1\r\nb\r\n$1\r\n2\r\n'],
    ['a transaction in a transaction', '*1\r\n$5\r\nMULTI\r\n*1\r\n$5\r\nMULTI\r\n*1\r\n$4\r\nEXEC\r\n*1\r\n$4\r\nEXEC\r\n'],
    ['commands that wait and subscribe', '*3\r\n$5\r\nBLPOP\r\n$1\r\nq\r\n$1\r\n0\r\n*2\r\n$9\r\nSUBSCRIBE\r\n$1\r\nc\r\n*1\r\n$7\r\nMONITOR\r\n*1\r\n$4\r\nQUIT\r\n*3\r\n$5\r\nPSYNC\r\n$1\r\n?\r\n$2\r\n-1\r\n'],
  ])('sends in its stream %s answers its clients all the same', async (_, stream) => {
    const { port, asked } = await liar(full(rdb(key), `*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n${stream}`));
    const replica = await following(port);
    await waitFor('what it can understand', async () => (await ask(replica, 'GET', 'a')) === '1');
    expect(asked()).toBeGreaterThan(0);
    expect((await info(replica)).get('role')).toBe('slave');
    await ask(replica, 'REPLICAOF', 'NO', 'ONE');
    expect(await ask(replica, 'SET', 'a', '2')).toBe('OK');
  });
});
