/** Lua: conversions both ways, libraries, errors with their line numbers, and every other command through redis.call. */
import { createHash } from 'node:crypto';
import { argument, maybe, one } from '../grammar.ts';
import { row, shaped } from '../row.ts';
import type { Group } from '../row.ts';
import { anyValue, key, pattern, value } from '../values.ts';

const CALL_ANY = 'return redis.call(unpack(ARGV))';
const PCALL_ANY = 'return redis.pcall(unpack(ARGV))';
const CALL_RESP3 = 'redis.setresp(3); return redis.call(unpack(ARGV))';

/** Scripts that take one key and any arguments. */
export const SOURCES = [
  'return 1', 'return -7', 'return 3.99', 'return "text"', 'return true', 'return false', 'return nil', 'return', '',
  'return {1,2.7,"three",true,false,4}', 'return {1,nil,3}', 'return {}', 'return {{1,{2}},"x"}', 'return {ok="FINE"}', 'return {err="MY own error"}',
  'return {err="lower case error"}', 'return redis.status_reply("GOOD")', 'return redis.error_reply("ERR bad")', 'return redis.error_reply("plain")',
  'return {double=3.25}', 'return {map={a=1}}', 'return {set={a=true}}', 'return {big_number="123456789012345678901234567890"}', 'return {verbatim_string={format="txt",string="hi"}}',
  'redis.setresp(3); return {double=3.25}', 'redis.setresp(3); return {map={a=1}}', 'redis.setresp(3); return true', 'redis.setresp(3); return nil',
  'redis.setresp(3); return {big_number="12345678901234567890"}', 'redis.setresp(4)', 'redis.setresp()',
  'return KEYS', 'return ARGV', 'return #ARGV', 'return {KEYS[1],ARGV[1]}', 'return KEYS[1]..":"..tostring(ARGV[1])',
  'return redis.call("GET",KEYS[1])', 'return redis.call("SET",KEYS[1],ARGV[1] or "d")', 'return redis.call("INCR",KEYS[1])',
  'return redis.pcall("INCR",KEYS[1])', 'local r=redis.pcall("LPUSH",KEYS[1],"x"); return type(r)', 'local r=redis.pcall("HGET",KEYS[1]); return r.err',
  'local v=redis.call("GET",KEYS[1]); if v==false then return "none" else return v end', 'return redis.call("NOSUCH")', 'return redis.call()',
  'return redis.call("SET",KEYS[1])', 'return redis.call("SET",KEYS[1],{})', 'return redis.call("SET",KEYS[1],12.5)', 'return redis.call("SET",KEYS[1],1e15)', 'return redis.call("SET",KEYS[1],0/0)',
  'return redis.call("SUBSCRIBE","c")', 'return redis.call("MULTI")', 'return redis.call("BLPOP","nothing",0)', 'return redis.call("EVAL","return 1",0)',
  'for i=1,200 do redis.call("RPUSH",KEYS[1],i) end return redis.call("LLEN",KEYS[1])',
  'return redis.sha1hex("abc")', 'return redis.sha1hex()', 'return redis.log(redis.LOG_DEBUG,"x")', 'redis.log("x")', 'return redis.LOG_WARNING',
  'return redis.replicate_commands()', 'redis.set_repl(redis.REPL_ALL) return 1', 'return redis.REDIS_VERSION', 'return redis.REDIS_VERSION_NUM',
  'error("boom")', 'error({err="TABLE boom"})', 'error()', 'local x = nil; return x.y', 'return undefinedglobal', 'newglobal = 1', 'syntax error here', 'return (', '\n\nreturn foo.bar',
  'return tostring(1/3)', 'return tostring(2^53)', 'return 2^53', 'return 1e300', 'return tostring(1e300)', 'return 10/0 > 5', 'return string.format("%q %5.2f %d","a\\n",1.005,42)',
  'return tonumber("0x1f")', 'return tonumber("  12  ")', 'return tostring(tonumber("x"))', 'return string.rep("ab",50)', 'return ("abc"):upper():reverse()', 'return string.byte("\\255\\0a",1,3)',
  'return {string.find("hello world","o w")}', 'return string.gsub("hello","l","L")', 'return {string.match("key=val","(%w+)=(%w+)")}', 'return table.concat({1,2,3},",")',
  'local t={5,2,8,1}; table.sort(t); return t', 'local t={"b","a"}; table.insert(t,1,"z"); return t', 'return math.floor(-3.5)', 'return math.max(1,5,3)', 'return tostring(math.pi)', 'return {math.fmod(7,3), math.abs(-2), math.ceil(1.2)}',
  'return select("#",1,nil,3)', 'return type(os.clock())', 'return os.time', 'return os.getenv("HOME")', 'return type(io)', 'return type(loadstring)', 'return type(require)', 'return type(dofile)', 'return type(print)', 'return _VERSION', 'return loadstring("return 41+1")()',
  'return pcall(function() error("in") end)', 'local ok,e=pcall(redis.call,"NOSUCH"); return {tostring(ok),type(e)}', 'local ok,e=pcall(redis.call,"INCR",KEYS[1],"x"); return e', 'return tostring(getmetatable("").__index==string)',
  'return cjson.encode({1,2,3})', 'return cjson.encode({a=1})', 'return cjson.encode("q\\"\\n\\1/")', 'return cjson.encode({1.5,1e20,-0.1,true,false,cjson.null})', 'return cjson.encode({})', 'return cjson.encode({{},{{}}})', 'return cjson.encode(ARGV)',
  'return cjson.decode("[1,2.5,\\"x\\",null,true]")', 'return cjson.decode("{\\"a\\":[1,{\\"b\\":2}]}").a[2].b', 'return cjson.decode("{bad")', 'return cjson.decode("")', 'return cjson.decode("[1e400]")', 'return cjson.decode("\\"\\\\u00e9\\\\ud83d\\\\ude00\\"")', 'return cjson.encode(function() end)', 'return cjson.encode(cjson.decode("{\\"x\\":[1,2,{\\"y\\":null}]}"))', 'return cjson.encode({[1]=1,[3]=3})', 'return cjson.encode({[1000]=1})', 'return cjson.encode(0/0)', 'return cjson.encode(12345678901234567890)',
  'return cmsgpack.pack(1)', 'return cmsgpack.pack("x",-1,300,70000,1.5,true,{1,2},{a=1})', 'return cmsgpack.unpack(cmsgpack.pack({1,"b",{3}}))', 'return {cmsgpack.unpack(cmsgpack.pack(1,2,3))}', 'return cmsgpack.unpack("")', 'return cmsgpack.unpack("\\255\\255")', 'return cmsgpack.pack()', 'return {cmsgpack.unpack_one("\\1\\2",0)}', 'return cmsgpack.pack(2^40,-2^40,-33,128,-129,65536,-32769)', 'return cmsgpack.unpack("\\193")',
  'return struct.pack(">I2","258")', 'return {struct.unpack("<i4",struct.pack("<i4",-5))}', 'return struct.size("i8")', 'return {struct.unpack(">Hs",struct.pack(">Hs",7,"zz"))}', 'return struct.pack("bad",1)', 'return struct.pack("<dfB",1.5,2.5,7)',
  'return bit.band(255,15)', 'return bit.bor(1,2,4)', 'return bit.bxor(-1,1)', 'return bit.lshift(1,31)', 'return bit.tohex(255,4)', 'return bit.rshift(-1,28)', 'return bit.arshift(-256,4)', 'return bit.bnot(0)', 'return bit.tobit(2^33+5)', 'return bit.bswap(1)', 'return bit.rol(1,33)', 'return bit.band("x")',
  'return redis.acl_check_cmd("get","x")', 'return redis.breakpoint()', 'redis.x = 1', 'string.x = 1', 'return setmetatable({},{__index=function() return 9 end}).q', 'return next({})', 'return rawget({7},1)', 'local t = {} t.a = t return cjson.encode(t)', 'return {1,{2,{3,{4,{5}}}}}', 'return tostring({}) ~= nil', 'return string.format("%s",nil)', 'return string.format("%d","x")', 'return unpack({1,2,3})', 'goto x', 'return #"\\0\\0"', 'return 0.1+0.2', 'return 9007199254740993', 'return -0', 'return 1e15', 'return 99999999999999999999',
];
const FLAGGED = [
  '#!lua\nreturn 1', '#!lua flags=no-writes\nreturn redis.call("SET",KEYS[1],1)', '#!lua flags=no-writes\nreturn redis.call("EXISTS",KEYS[1])', '#!lua flags=bad\nreturn 1',
  '#!python\nreturn 1', '#!lua name=x\nreturn 1', '#!lua flags=allow-oom,no-writes\nreturn 1', '#!lua', '#!lua flags=allow-stale,no-cluster\nreturn 2',
];

const source = argument('script', (random) => (random.chance(0.93) ? random.pick(SOURCES) : random.pick(FLAGGED)));
const sha = argument('sha1', (random) =>
  random.chance(0.9) ? sha1(random.pick(SOURCES.slice(0, 40))) : random.pick(['x', '', 'F'.repeat(40), 'a'.repeat(40), sha1('return 1').toUpperCase()]),
);
const known = argument('key', (random) => random.pick(['s0', 's1', 's2', 'l0', 'h0']));

function sha1(text: string): string {
  return createHash('sha1').update(text, 'latin1').digest('hex');
}

export const scripts: Group = {
  name: 'scripts',
  weight: 2,
  rows: [
    row('EVAL', 14, source, '1', known, maybe(value), maybe(value)),
    row('EVAL', 1, source, one('0', '-1', '2', 'x', '1'), maybe(key('string'))),
    shaped('EVAL', 12, [], (_command, random, draw) => {
      const inner = draw();
      const through = random.pick([CALL_ANY, CALL_ANY, PCALL_ANY, CALL_RESP3]);
      return { commands: [['EVAL', through, '0', ...inner]] };
    }),
    shaped('EVAL_RO', 2, [], (_command, random, draw) => ({ commands: [['EVAL_RO', random.pick([CALL_ANY, 'return 1']), '0', ...draw()]] })),
    row('EVALSHA', 4, sha, '1', known, maybe(value)),
    row('EVALSHA_RO', 1, sha, '1', known),
    row('SCRIPT LOAD', 3, source),
    row('SCRIPT EXISTS', 2, sha, maybe(sha)),
    row('SCRIPT FLUSH', 0.3, maybe(one('SYNC', 'ASYNC', 'x'))),
    row('SCRIPT KILL', 0.3),
    row('SCRIPT HELP', 0.3),
    shaped('EVAL', 1, [], (_command, random) => ({
      commands: [['EVAL', 'local t={} for i=1,#ARGV do t[i]=redis.call("ECHO",ARGV[i]) end return t', '0', anyValue(random), anyValue(random)]],
    })),
    shaped('EVAL', 0.5, [pattern], (command) => ({ commands: [['EVAL', 'return #redis.call("KEYS",ARGV[1])', '0', command[1]!]] })),
  ],
};
