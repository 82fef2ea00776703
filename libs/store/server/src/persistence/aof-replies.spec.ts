import type { Connection } from '../connection';
import type { StoreServer } from '../store-server';
import { AofReplies } from './aof-replies';

/** A server of which only the journal's position, the policy, the clock and whose turn it is matter. */
function world(policy: 'always' | 'everysec' | 'no', position = 0) {
  const time = { ms: 1000 };
  const journal = { position };
  const cell = { value: policy as string };
  const server = { settings: { textCell: () => cell }, clock: { monotonic: () => time.ms }, journal, current: null as Connection | null };
  const gate = new AofReplies(server as unknown as StoreServer, position);
  const client = () => {
    const got: string[] = [];
    const connection = {
      got,
      release: (bytes: Buffer) => {
        if (!gate.holds(connection as unknown as Connection, bytes)) got.push(bytes.toString());
      },
      end: () => void got.push('closed'),
    };
    return connection;
  };
  /** A turn of a client that writes `units` and is answered. */
  const turn = (of: ReturnType<typeof client>, units: number, reply: string) => {
    gate.turnBegins();
    server.current = of as unknown as Connection;
    journal.position = (journal.position + units) | 0;
    of.release(Buffer.from(reply));
    server.current = null;
  };
  return { time, gate, client, turn, cell };
}

describe('replies and the disk', () => {
  it('under always hold back writers until they are safe, and readers not at all', () => {
    const { gate, client, turn } = world('always');
    const [writer, reader] = [client(), client()];
    turn(writer, 3, 'wrote');
    turn(reader, 0, 'read');
    expect([writer.got, reader.got]).toEqual([[], ['read']]);
    gate.advance(2);
    expect(writer.got).toEqual([]);
    gate.advance(3);
    expect(writer.got).toEqual(['wrote']);
  });

  it("keep a client's order: what it reads after a write waits behind it", () => {
    const { gate, client, turn } = world('always');
    const one = client();
    turn(one, 1, 'a');
    turn(one, 0, 'b');
    turn(one, 1, 'c');
    expect(gate.heldBytes(one as unknown as Connection)).toBe(3);
    gate.advance(1);
    expect(one.got).toEqual(['ab']);
    gate.advance(2);
    expect(one.got).toEqual(['ab', 'c']);
  });

  it('answer who blocked once what served it is safe', () => {
    const { gate, client, turn } = world('always');
    const [writer, waiter] = [client(), client()];
    turn(writer, 1, 'pushed');
    gate.served(waiter as unknown as Connection);
    waiter.release(Buffer.from('popped'));
    expect(waiter.got).toEqual([]);
    gate.advance(1);
    expect(waiter.got).toEqual(['popped']);
  });

  it('close a connection behind its last reply', () => {
    const { gate, client, turn } = world('always');
    const one = client();
    turn(one, 1, 'bye');
    expect(gate.lingers(one as unknown as Connection)).toBe(true);
    gate.advance(1);
    expect(one.got).toEqual(['bye', 'closed']);
  });

  it('under everysec flow as long as less than a second is exposed, then wait for the sync', () => {
    const { time, gate, client, turn } = world('everysec');
    const one = client();
    const exposed: number[] = [];
    let acknowledged = 0;
    // A sync that takes three seconds: what is acknowledged meanwhile spans less than one.
    for (; time.ms < 4000; time.ms += 10) {
      turn(one, 1, 'x');
      if (one.got.length > acknowledged) exposed.push(time.ms);
      acknowledged = one.got.length;
    }
    expect(exposed.at(-1)! - exposed[0]!).toBeGreaterThan(900);
    expect(exposed.at(-1)! - exposed[0]!).toBeLessThan(1000);
    gate.advance(200); // the sync ends: it covers the first two seconds
    expect(one.got.join('').length).toBe(200);
    gate.advance(300);
    expect(one.got.join('').length).toBe(300);
  });

  it('compare positions by difference: they wrap', () => {
    const { gate, client, turn } = world('always', 0x7ffffffe);
    const one = client();
    turn(one, 4, 'far');
    gate.advance(0x7fffffff);
    expect(one.got).toEqual([]);
    gate.advance((0x7ffffffe + 4) | 0);
    expect(one.got).toEqual(['far']);
  });

  it('all go when the policy no longer asks for more', () => {
    const { gate, client, turn, cell } = world('always');
    const one = client();
    turn(one, 1, 'a');
    cell.value = 'no';
    gate.advance(gate.safe);
    expect(one.got).toEqual(['a']);
  });
});
