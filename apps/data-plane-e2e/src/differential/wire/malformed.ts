/**
 * Bytes that are no proper request, or only just: both servers get them on a fresh connection whose sending side is then
 * closed, and must answer the same bytes until they close.
 *
 * Left out on purpose: a NUL inside of a line (a header, an inline command). redis-server looks for the line's end with a C
 * string function that stops there, and waits for ever; that is not worth copying.
 */
import { connectRaw, encodeCommand, printable } from '@larder/shared-testing';
import type { Pair } from '../pair.ts';
import { seededRandom } from '../random.ts';
import type { Random } from '../random.ts';

export const MALFORMED: readonly string[] = [
  // Multibulk headers.
  '*0\r\nPING\r\n', '*-1\r\nPING\r\n', '*-10\r\nPING\r\n', '*1048577\r\n', '*1048576\r\n', '*2147483648\r\n', '*9999999999999999999999\r\n', '*x\r\n', '*\r\n', '*1 \r\n', '* 1\r\n', '*+1\r\n', '*01\r\n', '*1\n$4\nPING\n',
  // Bulk headers.
  '*1\r\n$-1\r\n', '*1\r\n$abc\r\n', '*1\r\n$\r\n', '*1\r\n$536870913\r\n', '*1\r\n$9999999999999999999\r\n', '*1\r\n+PING\r\n', '*1\r\nPING\r\n', '*1\r\n:4\r\nPING\r\n', '*1\r\n\r\n', '*1\r\n*1\r\n$4\r\nPING\r\n', '*1\r\n$04\r\nPING\r\n', '*1\r\n$ 4\r\nPING\r\n',
  // Lengths that do not fit their bytes.
  '*1\r\n$3\r\nPING\r\n', '*1\r\n$5\r\nPING\r\n*1\r\n$4\r\nPING\r\n', '*1\r\n$4\r\nPINGxx*1\r\n$4\r\nPING\r\n', '*2\r\n$4\r\nECHO\r\n$0\r\n\r\n', '*1\r\n$0\r\n\r\n', '*2\r\n$0\r\n\r\n$1\r\na\r\n',
  // Good first, bad after: the first one is still answered.
  '*1\r\n$4\r\nPING\r\n*1\r\n$x\r\n*1\r\n$4\r\nPING\r\n', 'PING\r\n*x\r\nPING\r\n', '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n*-5\r\n*1\r\n!\r\n',
  // Unfinished.
  '', '*', '*1', '*1\r', '*1\r\n', '*1\r\n$', '*1\r\n$4\r\nPIN', '*1\r\n$4\r\nPING', '*1\r\n$4\r\nPING\r', 'PING', 'PING\r',
  // Inline commands.
  'PING\r\n', 'PING\n', '\r\n\r\nPING\r\n', '\n', '   PING   \r\n', '  \r\nPING\r\n', 'ping hello\r\n', 'PING "hello world"\r\n', "PING 'hello world'\r\n", 'PING "a\\x41\\n\\r\\t\\a\\b\\\\\\""\r\n', "PING 'it\\'s \\n'\r\n", 'PING "\\x4"\r\n', 'PING "\\xZZ"\r\n',
  'PING "unbalanced\r\n', "PING 'unbalanced\r\n", 'PING "a"b\r\n', "PING 'a'b\r\n", 'PING a"b"\r\n', 'PING ""\r\n', "PING ''\r\n", '""\r\n', 'PING\ta\r\n', 'SET a b c\r\n', 'nosuch thing\r\n', 'SET in line\r\nGET in\r\n', 'ECHO \xff\xfe\r\n', 'PING\r\r\n', 'PING \x0b a\r\n',
  `${'x'.repeat(70_000)}`, `${'x'.repeat(70_000)}\r\n`, `PING ${'y'.repeat(60_000)}\r\n`, `PING ${'y'.repeat(65_520)}\r\nPING\r\n`, `*${'1'.repeat(70_000)}`, `*1\r\n$${'1'.repeat(70_000)}`, `${'a '.repeat(2_000)}\r\n`,
  // What web servers send; Redis closes at once.
  'POST / HTTP/1.1\r\nHost: x\r\n\r\n', 'GET / HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n', 'Host: x\r\nPING\r\n', 'post\r\nPING\r\n', 'host:\r\n',
  // Replies are not requests.
  '+OK\r\n', ':1\r\n', '-ERR x\r\n', '_\r\n', '%1\r\n', '~1\r\n$4\r\nPING\r\n', '>1\r\n$4\r\nPING\r\n', '#t\r\n',
  // Names of commands.
  '*1\r\n$0\r\n\r\n*1\r\n$4\r\nPING\r\n', `*1\r\n$300\r\n${'n'.repeat(300)}\r\n`, '*2\r\n$3\r\na\rb\r\n$3\r\nc\nd\r\n', `*3\r\n$1\r\nq\r\n$200\r\n${'a'.repeat(200)}\r\n$1\r\nb\r\n`, '*1\r\n$4\r\nQUIT\r\n*1\r\n$4\r\nPING\r\n', 'QUIT\r\nPING\r\n', 'quit now\r\nPING\r\n',
];

/** Limits of those who have not signed in (with `requirepass`). */
export const UNAUTHENTICATED: readonly string[] = [
  '*11\r\n', '*10\r\n', '*1\r\n$16385\r\n', '*1\r\n$16384\r\n', 'PING\r\n', '*2\r\n$3\r\nGET\r\n$1\r\nk\r\n', 'AUTH wrong\r\nPING\r\n', 'AUTH sesame\r\nPING\r\n', 'AUTH default sesame\r\nPING\r\n', 'AUTH nobody sesame\r\n',
  'HELLO 3\r\nPING\r\n', 'HELLO 3 AUTH default wrong\r\n', 'nosuch\r\n', 'SET a\r\n', 'QUIT\r\nPING\r\n', 'RESET\r\nPING\r\n', 'MULTI\r\n', 'COMMAND COUNT\r\n', 'AUTH\r\n', 'AUTH a b c\r\n', 'HELLO 9\r\n', 'ECHO x\r\n', 'SUBSCRIBE c\r\n',
];

/** Connections on which replies and commands do not pair: silenced replies, and pushes between them. */
export const UNPAIRED: readonly string[] = [
  ['CLIENT REPLY OFF', 'SET s b', 'PING', 'CLIENT REPLY ON', 'PING', 'CLIENT REPLY SKIP', 'PING', 'PING', 'CLIENT REPLY SKIP', 'CLIENT REPLY SKIP', 'PING', 'PING'],
  ['CLIENT REPLY OFF', 'CLIENT REPLY SKIP', 'PING', 'CLIENT REPLY ON', 'CLIENT REPLY SKIP', 'nosuch', 'PING', 'CLIENT REPLY x', 'PING'],
  ['CLIENT REPLY SKIP', 'CLIENT REPLY ON', 'PING', 'MULTI', 'CLIENT REPLY SKIP', 'GET s', 'EXEC', 'PING', 'PING'],
  ['MULTI', 'PING', 'CLIENT REPLY OFF', 'CLIENT REPLY ON', 'PING', 'EXEC', 'PING'],
  ['CLIENT REPLY OFF', 'SUBSCRIBE c', 'PING', 'CLIENT REPLY ON', 'UNSUBSCRIBE c', 'PING'],
  ['HELLO 3', 'PING', 'CLIENT REPLY OFF', 'SUBSCRIBE c', 'PUBLISH c x', 'UNSUBSCRIBE c', 'CLIENT REPLY ON', 'CLIENT REPLY SKIP', 'SUBSCRIBE c', 'PING', 'CLIENT REPLY SKIP', 'PUBLISH c y', 'PING'],
  ['MULTI', 'SUBSCRIBE c', 'PUBLISH c x', 'UNSUBSCRIBE c', 'PSUBSCRIBE p*', 'EXEC', 'PING', 'GET s'],
  ['HELLO 3', 'SUBSCRIBE c c', 'PUBLISH c x', 'MULTI', 'PUBLISH c y', 'GET s', 'EXEC', 'EVAL "redis.call(\'publish\',\'c\',\'z\') return 1" 0', 'RESET', 'PING'],
].map((lines) => lines.map((line) => `${line}\r\n`).join(''));

const SEEDS: readonly string[] = [
  encodeCommand(['SET', 'k', 'value']) + encodeCommand(['GET', 'k']),
  encodeCommand(['RPUSH', 'list', 'a', 'b', 'c']) + encodeCommand(['LRANGE', 'list', '0', '-1']) + encodeCommand(['DEL', 'list']),
  `${encodeCommand(['PING'])}PING inline "quoted arg"\r\n${encodeCommand(['ECHO', ''])}`,
  `${encodeCommand(['HSET', 'h', 'f', 'v'])}${encodeCommand(['HGET', 'h', 'f'])}${encodeCommand(['DEL', 'h'])}`,
];

/** A good request with a few bytes changed, lost, doubled or thrown in. */
export function mutated(random: Random): string {
  let text = random.pick(SEEDS);
  for (let left = random.between(1, 3); left > 0; left--) {
    const at = random.between(0, text.length - 1);
    const thrown = random.pick(['\r', '\n', '\r\n', '*', '$', '-', '0', '9', ' ', '"', '\x01', '\xff', String.fromCharCode(random.between(1, 255))]);
    text = random.pick([text.slice(0, at) + thrown + text.slice(at + 1), text.slice(0, at) + text.slice(at + 1), text.slice(0, at) + thrown + text.slice(at)]);
  }
  return text;
}

const TOLD_MAX = 12;

/** The differences, one text each. */
export async function compareRaw(pair: Pair, inputs: readonly string[]): Promise<string[]> {
  const differences: string[] = [];
  for (const input of inputs) {
    const [left, right] = await Promise.all([answer(pair.reference.port, input), answer(pair.target.port, input)]);
    if (withoutId(left) === withoutId(right)) continue;
    const short = printable(input.length > 200 ? `${input.slice(0, 120)}… (${input.length} bytes)` : input);
    differences.push(`${short}\n  ${pair.reference.name} ${printable(left)}\n  ${pair.target.name} ${printable(right)}`);
  }
  return differences.length <= TOLD_MAX ? differences : [...differences.slice(0, TOLD_MAX), `and ${differences.length - TOLD_MAX} more`];
}

/** HELLO tells the connection's number. */
const withoutId = (text: string): string => text.replace(/\$2\r\nid\r\n:\d+/, '');

async function answer(port: number, input: string): Promise<string> {
  const client = await connectRaw({ port, timeoutMs: 5_000 });
  client.write(Buffer.from(input, 'latin1'));
  try {
    return (await client.endAndDrain()).toString('latin1');
  } catch (error) {
    client.close();
    return String(error);
  }
}

export function mutations(seed: number, count: number): string[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => mutated(random));
}
