/** Libraries and their functions: headers, registration, flags, and every script of the group `scripts` as a function's body. */
import { argument, maybe, one } from '../grammar.ts';
import type { Random } from '../random.ts';
import { row, shaped } from '../row.ts';
import type { Group } from '../row.ts';
import { value } from '../values.ts';
import { SOURCES } from './scripts.ts';

const FLAGS = ['', '', ',flags={}', ',flags={"no-writes"}', ',flags={"NO-WRITES","allow-oom"}', ',flags={"allow-stale","no-cluster","allow-cross-slot-keys"}', ',flags={"bad"}', ',flags={1}', ',flags="no-writes"'];
const DESCRIPTIONS = ['', '', ',description="what it does"', ',description=""', ',description=7', ',description={}'];
/** What stands beside the functions, or in the place of one. */
const ODDITIES = [
  'redis.register_function()', 'redis.register_function("x")', 'redis.register_function("x",1)', 'redis.register_function(1,function() return 1 end)', 'redis.register_function("a b",function() end)',
  'redis.register_function("x","y","z")', 'redis.register_function{}', 'redis.register_function{function_name="x"}', 'redis.register_function{callback=function() end}', 'redis.register_function{function_name={},callback=redis.log}',
  'redis.register_function{function_name="x",callback=1}', 'redis.register_function{[1]="x"}', 'redis.register_function{[true]="x"}', 'redis.register_function{Function_Name="x",CALLBACK=redis.log}', 'redis.register_function("x",redis.register_function)',
  'redis.call("PING")', 'local x = redis.sha1hex', 'y = 1', 'local x = y', 'redis.x = 1', 'local x = nil + 1', 'error("boom")', 'local x = math', 'redis.log(redis.LOG_DEBUG,"loading")', 'redis.log(7,"x")', 'redis.log("x")',
  'local v = redis.REDIS_VERSION .. redis.REDIS_VERSION_NUM; redis.register_function("version",function() return v end)', 'local n = 0; redis.register_function("count",function() n = n + 1 return n end)',
  'syntax error', 'return 5', 'redis.register_function("shared",function() return 1 end) redis.register_function("shared",function() return 2 end)', 'do local t = {} t.x.y = 1 end',
];
const HEADERS = ['', 'x', '#!lua', '#!lua\n', '#!lua name=\n', '#!lua name=a-b\n', '#!js name=lib0\n', '#!LUA Name=lib0\n', '#!lua name=lib0 name=lib1\n', '#!lua name=lib0 more=1\n', '#!lua name="lib 0"\n', "#!lua name='lib0'\n", '#!lua name=lib0"\n', '#! lua name=lib0\n', '#!\n', '#!lua name=lib\x000\n', '#!lua name=lib0\r\n'];
/** FUNCTION DUMP of one library each, by redis-server 7.0.15: plain or compressed. */
const PAYLOADS = [
  '9cNAU0BcHyMhbHVhIG5hbWU9bGliMApyZWRpcy5yZWdpc3Rlcl9mDnVuY3Rpb24oImYwMCIsIOAADxNLRVlTLCBBUkdWKSByZXR1cm4ge+ABEwV9IGVuZCkKAN29phKUkIKZ',
  '9cNAyEDhHyMhbHVhIG5hbWU9bGliMQpyZWRpcy5yZWdpc3Rlcl9mB3VuY3Rpb257wAgAX2AqDyJmMTAiLCBjYWxsYmFjaz3AHR8oKSByZXR1cm4gMSBlbmQsIGZsYWdzPXsibm8td3JpdAxlcyJ9LCBkZXNjcmlwQFcOPSJ0aGUgZmlyc3Qgb2YgQAwDc2Vjb0A6gCURYmVkIGF0IHNvbWUgbGVuZ3RoIAsgJyATAGkgAgRzIHdvciATCmNvbXByZXNzaW5nIJbgAQwBIn0KABIqnStq6uB9',
  '9UBUIyFsdWEgbmFtZT1vdGhlcgpyZWRpcy5yZWdpc3Rlcl9mdW5jdGlvbigic2hhcmVkIiwgZnVuY3Rpb24oKSByZXR1cm4gInJlc3RvcmVkIiBlbmQpCgB3ejAGF2+7aw==',
].map((text) => Buffer.from(text, 'base64').toString('latin1'));
const EMPTY_PAYLOAD = Buffer.from('CgBdm1xAD3+i2g==', 'base64').toString('latin1');

/** In some order, so that names of libraries clash now and then and names of functions within one library alone, but for `shared`. */
function library(random: Random): string {
  const number = random.between(0, 3);
  const lines = [random.chance(0.93) ? `#!lua name=lib${number}\n` : random.pick(HEADERS)];
  for (let at = random.between(0, 2); at >= 0; at--) {
    const body = `function(KEYS, ARGV)\n${random.pick(SOURCES)}\nend`;
    if (random.chance(0.5)) lines.push(`redis.register_function("f${number}${at}", ${body})\n`);
    else lines.push(`redis.register_function{function_name="f${number}${at}",callback=${body}${random.chance(0.8) ? '' : random.pick(FLAGS)}${random.chance(0.8) ? '' : random.pick(DESCRIPTIONS)}}\n`);
  }
  if (random.chance(0.15)) lines.splice(random.between(1, lines.length), 0, `${random.pick(ODDITIES)}\n`);
  return lines.join('');
}

const code = argument('library', library);
const name = argument('function', (random) => (random.chance(0.9) ? `${random.pick(['f', 'f', 'F'])}${random.between(0, 3)}${random.between(0, 2)}` : random.pick(['shared', 'count', 'version', 'x', '', 'nosuch'])));
const libraryName = argument('name', (random) => random.pick(['lib0', 'lib1', 'lib2', 'lib3', 'LIB0', 'other', 'nosuch', '']));
const known = argument('key', (random) => random.pick(['s0', 's1', 's2', 'l0', 'h0']));
const payload = argument('payload', (random) => {
  const whole = random.pick([...PAYLOADS, EMPTY_PAYLOAD]);
  return random.chance(0.9) ? whole : random.pick([whole.slice(0, -1), `${whole}x`, `\x00${whole.slice(1)}`, '', 'x']);
});

const THROUGH = ['return redis.call(unpack(args))', 'return redis.pcall(unpack(args))', 'redis.setresp(3); return redis.call(unpack(args))'];

export const functions: Group = {
  name: 'functions',
  weight: 1,
  rows: [
    row('FUNCTION LOAD', 4, code),
    row('FUNCTION LOAD', 10, 'REPLACE', code),
    row('FUNCTION LOAD', 0.3, one('REPLACE', 'replace', 'x'), one('REPLACE', 'y'), code),
    row('FCALL', 24, name, '1', known, maybe(value), maybe(value)),
    row('FCALL_RO', 3, name, '1', known, maybe(value)),
    row('FCALL', 1, name, one('0', '-1', '3', 'x', '1.5', '99999999999999999999'), maybe(known)),
    shaped('FCALL', 8, [], (_command, random, draw) => {
      const flags = random.chance(0.8) ? '' : ',flags={"no-writes"}';
      const text = `#!lua name=through\nredis.register_function{function_name="through",callback=function(keys, args) ${random.pick(THROUGH)} end${flags}}`;
      const call = random.chance(0.9) ? 'FCALL' : 'FCALL_RO';
      return { commands: [['FUNCTION', 'LOAD', 'REPLACE', text], [call, 'through', '0', ...draw()]] };
    }, ['FUNCTION LOAD']),
    row('FUNCTION LIST', 1, maybe(one('WITHCODE', 'LIBRARYNAME', 'x')), maybe('WITHCODE')),
    row('FUNCTION LIST', 1, 'LIBRARYNAME', one('lib*', 'LIB?', '*', '[', 'lib[01]', 'nosuch'), maybe('WITHCODE')),
    row('FUNCTION DELETE', 2, libraryName),
    row('FUNCTION STATS', 0.7),
    row('FUNCTION DUMP', 1),
    row('FUNCTION RESTORE', 2, payload, maybe(one('APPEND', 'REPLACE', 'FLUSH', 'x'))),
    row('FUNCTION KILL', 0.2),
    row('FUNCTION HELP', 0.2),
    row('FUNCTION FLUSH', 0.4, maybe(one('SYNC', 'ASYNC', 'x'))),
  ],
};
