import { Backlog } from './backlog';
import { REPLICAS_ONLY, ReplicationStream, commandBytes } from './replication-stream';

function fresh() {
  const backlog = new Backlog(Backlog.reserve(16 << 20));
  backlog.begin(0, 1 << 20);
  return { backlog, stream: new ReplicationStream(backlog) };
}

/** A unit as the journal writes it. */
function unit(...commands: [database: number, words: string[]][]): Buffer {
  return Buffer.concat(
    commands.map(([database, words]) => {
      const bytes = commandBytes(words);
      const head = Buffer.alloc(8);
      head.writeUInt32LE(database >>> 0, 0);
      head.writeUInt32LE(bytes.length, 4);
      return Buffer.concat([head, bytes]);
    }),
  );
}

function text(backlog: Backlog): string[] {
  const into = Buffer.alloc(1 << 16);
  const read = backlog.read(0, into);
  return into.toString('latin1', 0, read).split(/(?=\*\d+\r\n)/).map((command) => command.split('\r\n').filter((line) => line !== '' && !/^[*$]\d+$/.test(line)).join(' '));
}

describe('the replication stream', () => {
  it('names the database when it changes', () => {
    const { backlog, stream } = fresh();
    for (const [database, key] of [[0, 'a'], [0, 'b'], [3, 'c'], [0, 'd']] as const) {
      const bytes = unit([database, ['SET', key, '1']]);
      stream.unit(bytes, 0, bytes.length);
    }
    expect(text(backlog)).toEqual(['SELECT 0', 'SET a 1', 'SET b 1', 'SELECT 3', 'SET c 1', 'SELECT 0', 'SET d 1']);
    expect(stream.position).toBe(backlog.end);
  });

  it('wraps a unit of several commands into a transaction', () => {
    const { backlog, stream } = fresh();
    const bytes = unit([0, ['SET', 'a', '1']], [REPLICAS_ONLY, ['PUBLISH', 'c', 'm']], [1, ['DEL', 'b']]);
    stream.unit(bytes, 0, bytes.length);
    expect(text(backlog)).toEqual(['MULTI', 'SELECT 0', 'SET a 1', 'PUBLISH c m', 'SELECT 1', 'DEL b', 'EXEC']);
    expect(stream.position).toBe(backlog.end);
  });

  it('takes the bytes of a primary as they are', () => {
    const { backlog, stream } = fresh();
    stream.relay(Buffer.from('xx*1\r\n$4\r\nPING\r\nyy'), 2, 14);
    expect(text(backlog)).toEqual(['PING']);
  });
});
