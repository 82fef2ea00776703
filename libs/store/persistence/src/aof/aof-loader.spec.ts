import { Args } from '@larder/store-resp';
import { AofLoader } from './aof-loader';
import type { AofFault } from './aof-loader';
import type { AofSource } from './aof-reader';
import { CommandBuffer, EXEC_BYTES, MULTI_BYTES, selectBytes, timestampBytes } from './command-encoder';

function sourceOf(bytes: Buffer, pieces = 1 << 20): AofSource {
  return { size: bytes.length, read: (into, position) => bytes.copy(into, 0, position, Math.min(bytes.length, position + pieces)) };
}

function load(bytes: Buffer, pieces?: number): { ran: string[]; ended: 'done' | AofFault } {
  const ran: string[] = [];
  const target = {
    run(args: Args): boolean {
      ran.push(Array.from({ length: args.count }, (_, i) => args.text(i)).join(' '));
      return !args.is(0, 'unknown');
    },
  };
  const loader = new AofLoader(sourceOf(bytes, pieces), target, 0, 64);
  for (;;) {
    const ended = loader.load(3);
    if (ended !== 'more') return { ran, ended };
  }
}

function commands(...lines: string[]): Buffer {
  const buffer = new CommandBuffer(16);
  for (const line of lines) buffer.words(...line.split(' '));
  return Buffer.from(buffer.buf.subarray(0, buffer.pos));
}

const LONG = 'x'.repeat(300);

describe('an append-only file', () => {
  it('is loaded as it was written, in pieces of any size, without its annotations', () => {
    const file = Buffer.concat([timestampBytes(1700000000), selectBytes(11), commands('SET a 1', `SET b ${LONG}`), timestampBytes(1700000001), commands('DEL a')]);
    for (const pieces of [1, 7, 1000]) {
      expect(load(file, pieces)).toEqual({ ran: ['SELECT 11', 'SET a 1', `SET b ${LONG}`, 'DEL a'], ended: 'done' });
    }
  });

  it('encodes arguments as they came', () => {
    const buffer = new CommandBuffer(1);
    buffer.args(new Args().set(['SET', Buffer.from([0, 255, 13, 10]), 'v'.repeat(123)]));
    expect(buffer.buf.toString('latin1', 0, buffer.pos)).toBe(`*3\r\n$3\r\nSET\r\n$4\r\n\x00\xff\r\n\r\n$123\r\n${'v'.repeat(123)}\r\n`);
  });

  it('cut anywhere is good up to the command before', () => {
    const parts = [commands('SET a 1'), commands(`SET b ${LONG}`), commands('SET c 3')];
    const file = Buffer.concat(parts);
    for (let cut = 0; cut < file.length; cut++) {
      const { ran, ended } = load(file.subarray(0, cut));
      const offset = cut < parts[0]!.length ? 0 : cut < parts[0]!.length + parts[1]!.length ? parts[0]!.length : parts[0]!.length + parts[1]!.length;
      expect(ran.length).toBe([0, parts[0]!.length, parts[0]!.length + parts[1]!.length].indexOf(offset));
      expect(ended).toEqual(cut === offset ? 'done' : { kind: 'short', offset, isTransaction: false });
    }
  });

  it('runs a transaction only when all of it is there, and is good up to its MULTI otherwise', () => {
    const whole = Buffer.concat([commands('SET a 1'), MULTI_BYTES, commands('SET b 2', 'SET c 3'), EXEC_BYTES]);
    expect(load(whole).ran).toEqual(['SET a 1', 'SET b 2', 'SET c 3']);
    const start = commands('SET a 1').length;
    for (let cut = start + MULTI_BYTES.length; cut < whole.length; cut++) {
      expect(load(whole.subarray(0, cut))).toEqual({ ran: ['SET a 1'], ended: { kind: 'short', offset: start, isTransaction: true } });
    }
  });

  it('says at which byte something is no command', () => {
    const start = commands('SET a 1').length;
    for (const wrong of ['SET b 2\r\n', '\0\0\0\0', '*0\r\n', '*-1\r\n', '*1\r\n+OK\r\n']) {
      expect(load(Buffer.concat([commands('SET a 1'), Buffer.from(wrong)])).ended).toEqual({ kind: 'format', offset: start });
    }
  });

  it('takes a length that runs over whole commands for damage, not for a torn end', () => {
    const head = commands('SET a 1');
    const file = Buffer.concat([head, Buffer.from('*3\r\n$3\r\nSET\r\n$1\r\nb\r\n$9999\r\nvalue\r\n'), commands('SET c 3', 'SET d 4')]);
    expect(load(file).ended).toEqual({ kind: 'damaged', offset: head.length, resumesAt: file.length - commands('SET c 3', 'SET d 4').length });
  });

  it('ends at a command that does not exist', () => {
    expect(load(commands('SET a 1', 'UNKNOWN x', 'SET b 2'))).toEqual({ ran: ['SET a 1', 'UNKNOWN x'], ended: { kind: 'unknown', offset: commands('SET a 1').length, name: 'UNKNOWN' } });
  });
});
