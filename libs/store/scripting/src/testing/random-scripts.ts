// Scripts made by chance from a seed: nested values through the encoders, and damaged texts through the decoders.
import type { CorpusScript } from './script-corpus';

/** A small generator of its own, so that the list depends on the seed alone. */
function generator(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

export function randomScripts(seed: number, count: number): CorpusScript[] {
  const below = generator(seed);
  const pick = <T>(items: readonly T[]): T => items[below(items.length)]!;
  const number = (): string => {
    const magnitude = pick([10, 1000, 1e5, 1e10, 1e14, 1e16, 1e20, 2 ** 31, 2 ** 53]);
    const value = (below(2 ** 30) / 2 ** 30) * magnitude * pick([1, -1]);
    return String(pick([Math.trunc(value), value, value / 1e6, 1 / (value || 1)]));
  };
  const text = (): string => {
    const bytes = Array.from({ length: pick([0, 1, 3, 8, 31, 32, 40]) }, () => `\\${String(pick([65 + below(26), below(256)])).padStart(3, '0')}`);
    return `"${bytes.join('')}"`;
  };
  const value = (depth: number): string => {
    const kind = below(depth > 4 ? 5 : 8);
    if (kind < 2) return number();
    if (kind < 4) return text();
    if (kind === 4) return pick(['true', 'false', 'cjson.null', 'nil']);
    const items = Array.from({ length: below(9) }, () => {
      const key = pick(['', '', `[${text()}]=`, `[${number()}]=`, `k${below(20)}=`]);
      return key + value(depth + 1);
    });
    return `{${items.join(',')}}`;
  };
  const damaged = (): string => {
    const whole = '{"a":[1,2.5e3,-0.1,"x\\u00e9\\n",null,true,{"b":{}}],"c":"' + 'y'.repeat(below(40)) + '","d":[[],[[0]]]}';
    const at = below(whole.length);
    const inserted = pick(['', '"', '\\', '{', ']', ',', '0', 'e', '-', '\0', ' ', 'n', ':', '\xff', '.']);
    return whole.slice(0, at) + inserted + whole.slice(at + below(3));
  };
  const bytes = (): string => Array.from({ length: 1 + below(24) }, () => String.fromCharCode(pick([below(256), 0x80 + below(32), 0xc0 + below(32), below(20)]))).join('');
  const show = 'if type(t[i])=="table" then t[i]=cjson.encode(t[i]) else t[i]=tostring(t[i]) end';
  return Array.from({ length: count }, (_, i): CorpusScript => {
    switch (i % 4) {
      case 0:
        return { source: `local v = ${value(0)} local t = {pcall(cjson.encode, v)} return t` };
      case 1:
        return { source: `local v = ${value(0)} return {cmsgpack.pack(v), v}` };
      case 2:
        return { source: 'local t = {pcall(function() return cjson.encode(cjson.decode(ARGV[1])) end)} return t', args: [damaged()] };
      default:
        return { source: `local t = {pcall(cmsgpack.unpack, ARGV[1])} for i=1,#t do ${show} end return t`, args: [bytes()] };
    }
  });
}
