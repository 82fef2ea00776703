import { AnswerReader } from './answer-reader';

const WIRE = Buffer.from('+OK\r\n-ERR no\r\n:12\r\n$5\r\na\r\nbc\r\n$-1\r\n*-1\r\n*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n*1\r\n:1\r\n', 'latin1');
const ANSWERS = [
  { type: 'status', text: 'OK' },
  { type: 'error', text: 'ERR no' },
  { type: 'integer', value: 12 },
  { type: 'bulk', text: 'a\r\nbc' },
  { type: 'nothing' },
  { type: 'nothing' },
  { type: 'array', items: [{ type: 'bulk', text: 'message' }, { type: 'bulk', text: 'c' }, { type: 'array', items: [{ type: 'integer', value: 1 }] }] },
];

test('replies are read whole and byte by byte', () => {
  expect(new AnswerReader().read(WIRE)).toEqual(ANSWERS);
  const reader = new AnswerReader();
  expect([...WIRE].flatMap((byte) => reader.read(Buffer.from([byte])))).toEqual(ANSWERS);
});

test('what is no RESP is refused', () => {
  expect(() => new AnswerReader().read(Buffer.from('HTTP/1.1 200 OK\r\n'))).toThrow();
  expect(() => new AnswerReader().read(Buffer.from('*1\r\n'.repeat(20)))).toThrow();
  expect(() => new AnswerReader().read(Buffer.from('$x\r\n'))).toThrow();
});
