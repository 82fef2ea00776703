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

describe('a thread that is alone', () => {
  /** What a client has sent, and its commands as the decoder hands them over. */
  const sent = (...lines: string[]) => {
    const parts = lines.map((line) => {
      const words = line.split(' ');
      return Buffer.from(`*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`);
    });
    const bytes = Buffer.concat(parts);
    let at = 0;
    const commands = lines.map((line, i) => {
      const each = args(...line.split(' '));
      each.buf = bytes;
      each.rawStart = at;
      each.rawEnd = at += parts[i]!.length;
      return each;
    });
    return { bytes, commands };
  };
  const alone = () => {
    const all = world(1 << 17);
    all.writers[0]!.isAlone = true;
    return { ...all, writer: all.writers[0]! };
  };

  it('writes units that follow one another in what a client has sent as they came, in one entry', () => {
    const { writer, ring, units, drain } = alone();
    const { bytes, commands } = sent('SET a 1', 'SET b 2', 'SET c 3');
    writer.reads(bytes);
    for (const each of commands) {
      writer.append(0, each);
      writer.commit();
    }
    expect(ring.head).toBe(0);
    writer.reads(null);
    drain();
    expect(units).toEqual([['0 SET a 1 SET b 2 SET c 3']]);
    for (const skipped of [1, 0]) {
      writer.reads(bytes);
      for (const each of commands.slice(skipped)) {
        writer.append(0, each);
        writer.commit();
      }
    }
    writer.reads(null);
    drain();
    expect(units.slice(1)).toEqual([['0 SET b 2 SET c 3'], ['0 SET a 1 SET b 2 SET c 3']]);
  });

  it('keeps the order, whatever comes between', () => {
    const { writer, units, drain } = alone();
    const { bytes, commands: [a, get, b, c, d, e] } = sent('SET a 1', 'GET a', 'SET b 2', 'SET c 3', 'SET d 4', 'SET e 5');
    writer.reads(bytes);
    writer.append(0, a!);
    writer.commit();
    void get;
    writer.append(0, b!);
    writer.commit();
    writer.append(1, c!); // another database
    writer.commit();
    writer.removed(1, Buffer.from('gone'), 0, 4); // a unit of two
    writer.append(1, d!);
    writer.commit();
    writer.append(1, e!); // and one whose second command is not the client's
    writer.append(1, args('DEL', 'f'));
    writer.commit();
    drain();
    expect(units).toEqual([['0 SET a 1'], ['0 SET b 2'], ['1 SET c 3'], ['1 DEL gone', '1 SET d 4'], ['1 SET e 5', '1 DEL f']]);
  });

  it('has everything in the ring when it is asked how far it is', () => {
    const { writer, ring } = alone();
    const { bytes, commands } = sent('SET a 1', 'SET b 2');
    writer.reads(bytes);
    writer.append(0, commands[0]!);
    writer.commit();
    expect(writer.position).toBe(ring.head);
    expect(ring.head).toBeGreaterThan(0);
    writer.append(0, commands[1]!);
    writer.commit();
    writer.reads(null);
    expect(writer.position).toBe(ring.head);
  });
});
