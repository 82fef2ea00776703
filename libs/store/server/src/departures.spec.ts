import { DEPARTURE_BYTES_MAX, Departures } from './departures';

/** Connections that note in one list what they send, in order. */
function stage(isTaken = true) {
  const sent: [name: string, text: string][] = [];
  const kept: Buffer[] = [];
  const connection = (name: string) => ({
    depart: (bytes: Buffer) => {
      sent.push([name, bytes.toString()]);
      kept.push(bytes);
      return isTaken;
    },
  });
  const departures = new Departures();
  const reply = Buffer.alloc(DEPARTURE_BYTES_MAX);
  const add = (to: { depart(bytes: Buffer): boolean }, text: string): void => departures.add(to, reply, reply.write(text));
  return { sent, kept, connection, departures, add };
}

const roundEnds = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('replies of a round', () => {
  it('leave at its end, in the order in which they were made', async () => {
    const { sent, connection, add } = stage();
    const [a, b] = [connection('a'), connection('b')];
    add(a, '+1');
    add(b, '+2');
    add(a, '+3');
    expect(sent).toEqual([]);
    await roundEnds();
    expect(sent).toEqual([['a', '+1'], ['b', '+2'], ['a', '+3']]);
    add(b, '+4');
    await roundEnds();
    expect(sent.slice(3)).toEqual([['b', '+4']]);
  });

  it('leave at once where they are asked to, and only once', async () => {
    const { sent, connection, departures, add } = stage();
    add(connection('a'), '+1');
    departures.flush();
    expect(sent).toEqual([['a', '+1']]);
    await roundEnds();
    expect(sent).toHaveLength(1);
  });

  it('leave early where more come than there is room for', async () => {
    const { sent, connection, add } = stage();
    const long = 'x'.repeat(DEPARTURE_BYTES_MAX);
    for (let i = 0; i < 40; i++) add(connection(`large ${i}`), long);
    for (let i = 0; i < 1000; i++) add(connection(`small ${i}`), `+${i}`);
    await roundEnds();
    expect(sent.map(([name]) => name)).toEqual([...Array.from({ length: 40 }, (_, i) => `large ${i}`), ...Array.from({ length: 1000 }, (_, i) => `small ${i}`)]);
    expect(sent[7]![1]).toBe(long);
    expect(sent.at(-1)![1]).toBe('+999');
  });

  it('stay as they are while the kernel has not taken them', async () => {
    const { kept, connection, add } = stage(false);
    add(connection('a'), '+slow');
    await roundEnds();
    add(connection('b'), '+next');
    await roundEnds();
    expect(kept[0]!.toString()).toBe('+slow');
  });
});
