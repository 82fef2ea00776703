import { Args } from '@larder/store-resp';
import { JournalReader, JournalWriter } from './journal';
import { JournalRing } from './journal-ring';

const world = (bytes: number, threads = 1) => {
  const ring = new JournalRing(JournalRing.reserve(bytes));
  const writers = Array.from({ length: threads }, (_, i) => new JournalWriter(ring, i));
  const reader = new JournalReader(ring);
  const units: string[][] = [];
  const drain = () =>
    reader.drain((database, buf, off, length, index) => {
      if (index === 0) units.push([]);
      units.at(-1)!.push(`${database} ${buf.toString('latin1', off, off + length).replace(/[*$]\d+\r\n/g, '').trim().split('\r\n').join(' ')}`);
    });
  return { ring, writers, reader, units, drain };
};
const args = (...words: string[]) => new Args().set(words);

describe('journal', () => {
  it('hands out units whole and in order', () => {
    const { writers: [writer], units, drain } = world(1 << 12);
    writer!.append(0, args('SET', 'a', '1'));
    writer!.append(3, args('SET', 'b', '2'));
    drain();
    expect(units).toEqual([]); // not committed yet
    writer!.commit();
    writer!.removed(1, Buffer.from('xkey'), 1, 3);
    writer!.commit();
    const end = drain();
    expect(units).toEqual([['0 SET a 1', '3 SET b 2'], ['1 DEL key']]);
    expect(end).toBe(writer!.position);
  });

  it('goes round and round without a byte out of place', () => {
    const { writers: [writer], units, drain } = world(1 << 10);
    const wanted: string[][] = [];
    for (let i = 0; i < 2000; i++) {
      const value = 'v'.repeat((i * 37) % 300);
      writer!.append(i % 16, args('SET', `key:${i}`, `${value}.`));
      writer!.commit();
      wanted.push([`${i % 16} SET key:${i} ${value}.`]);
      if (i % 2 === 1) drain();
    }
    drain();
    expect(units).toEqual(wanted);
  });

  it('puts units together that were cut, though those of two threads alternate', () => {
    const { ring, writers, units, reader } = world(1 << 12, 2);
    const long = (letter: string) => letter.repeat(5000);
    // A full ring makes a writer wait for the reader: here it reads as soon as it is asked to wait.
    const append = ring.append.bind(ring);
    let turn = 0;
    jest.spyOn(ring, 'append').mockImplementation((bytes, length) => {
      const end = append(bytes, length);
      if (turn++ === 0) {
        writers[1]!.append(0, args('SET', 'short', 's'));
        writers[1]!.commit();
      }
      reader.drain((database, buf, off, size) => units.push([`${database} ${buf.toString('latin1', off, off + size).length}`]));
      return end;
    });
    writers[0]!.append(0, args('SET', 'a', long('a')));
    writers[0]!.commit();
    expect(units).toEqual([['0 31'], ['0 5029']]);
    expect(reader.units).toBe(2);
  });

  it('says how far it is: positions compare by difference', () => {
    const { writers: [writer], ring, drain } = world(1 << 12);
    const before = ring.head;
    writer!.append(0, args('PING'));
    writer!.commit();
    expect((writer!.position - before) | 0).toBeGreaterThan(0);
    expect(drain()).toBe(writer!.position);
  });
});
