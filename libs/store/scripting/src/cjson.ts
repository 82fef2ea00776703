// The `cjson` library of scripts: JSON text to and from Lua values, byte for byte what lua-cjson 2.1.0 inside redis-server makes of
// them, errors included.
//
// Encoding reads Lua's tables in place (lua-walk.ts) and writes the text beside them, so that it makes one call per document
// instead of several per value. A table is an array when all its keys are integers >= 1; numbers print as %.14g; object keys
// come in Lua's own iteration order. Decoding reads the text in place and pushes values; `null` is the light userdata 0.
//
// Settings (depths, sparse arrays, precision …) belong to the module table that `cjson.new()` made: nine words in a userdata
// that all its functions share as upvalue.
import { ByteWriter } from './byte-writer';
import { JsonDecoder } from './cjson-decode';
import { JsonEncoder } from './cjson-encode';
import { type JsonSettings, settingsBytes, defaultSettings, settingsNames } from './cjson-settings';
import type { GFormat } from './g-format';
import { upvalueIndex } from './lua-layout';
import type { LuaFunction, LuaRuntime } from './lua-runtime';
import { toInt32 } from './numbers';

const intMax = 2_147_483_647;
const onOff = ['off', 'on'] as const;
const offOnNull = ['off', 'on', 'null'] as const;

/** Pushes the library's table; the functions it needs are registered once. */
export function createCjson(runtime: LuaRuntime, formatG: GFormat): (L: number) => void {
  const { api } = runtime;
  const encoder = new JsonEncoder(runtime, new ByteWriter(runtime), formatG);
  const decoder = new JsonDecoder(runtime, new ByteWriter(runtime));
  const address = (L: number): number => api.lua_touserdata(L, upvalueIndex(1));
  const word = (L: number, name: keyof JsonSettings): number => (address(L) >> 2) + settingsNames.indexOf(name);

  const integerSetting = (L: number, arg: number, name: keyof JsonSettings, min: number, max: number): void => {
    if (api.lua_type(L, arg) !== 0) {
      const value = toInt32(api.luaL_checknumber(L, arg));
      if (value < min || value > max) runtime.argumentError(L, 1, `expected integer between ${min} and ${max}`);
      runtime.i32[word(L, name)] = value;
    }
    api.lua_pushnumber(L, runtime.i32[word(L, name)]!);
  };

  const choiceSetting = (L: number, arg: number, name: keyof JsonSettings, choices: readonly string[]): void => {
    const type = api.lua_type(L, arg);
    if (type === 1) runtime.i32[word(L, name)] = api.lua_toboolean(L, arg);
    else if (type !== 0) {
      api.luaL_checklstring(L, arg, 0);
      const text = runtime.textAt(L, arg)!;
      const choice = choices.indexOf(text.split('\0')[0]!);
      if (choice < 0) runtime.argumentError(L, arg, `invalid option '${text}'`);
      runtime.i32[word(L, name)] = choice;
    }
    const value = runtime.i32[word(L, name)]!;
    if (value <= 1) api.lua_pushboolean(L, value);
    else runtime.pushText(L, choices[value]!);
  };

  const argumentsMax = (L: number, count: number): void => {
    if (api.lua_gettop(L) > count) runtime.argumentError(L, count + 1, 'found too many arguments');
    while (api.lua_gettop(L) < count) api.lua_pushnil(L);
  };

  const oneArgument = (L: number): void => {
    if (api.lua_gettop(L) !== 1) runtime.argumentError(L, 1, 'expected 1 argument');
  };

  const functions: Record<string, LuaFunction> = {
    encode(L) {
      oneArgument(L);
      encoder.encode(L, address(L));
      return 1;
    },
    decode(L) {
      oneArgument(L);
      decoder.decode(L, address(L));
      return 1;
    },
    encode_sparse_array(L) {
      argumentsMax(L, 3);
      choiceSetting(L, 1, 'sparseConvert', onOff);
      integerSetting(L, 2, 'sparseRatio', 0, intMax);
      integerSetting(L, 3, 'sparseSafe', 0, intMax);
      return 3;
    },
    encode_max_depth(L) {
      argumentsMax(L, 1);
      integerSetting(L, 1, 'encodeDepthMax', 1, intMax);
      return 1;
    },
    decode_max_depth(L) {
      argumentsMax(L, 1);
      integerSetting(L, 1, 'decodeDepthMax', 1, intMax);
      return 1;
    },
    encode_number_precision(L) {
      argumentsMax(L, 1);
      integerSetting(L, 1, 'precision', 1, 14);
      return 1;
    },
    encode_keep_buffer(L) {
      argumentsMax(L, 1);
      choiceSetting(L, 1, 'keepBuffer', onOff);
      return 1;
    },
    encode_invalid_numbers(L) {
      argumentsMax(L, 1);
      choiceSetting(L, 1, 'encodeInvalid', offOnNull);
      return 1;
    },
    decode_invalid_numbers(L) {
      argumentsMax(L, 1);
      choiceSetting(L, 1, 'decodeInvalid', onOff);
      return 1;
    },
    new(L) {
      pushLibrary(L);
      return 1;
    },
  };
  const pointers = runtime.register(Object.values(functions));
  const names = Object.keys(functions);

  function pushLibrary(L: number): void {
    api.lua_createtable(L, 0, 0);
    const settings = api.lua_newuserdata(L, settingsBytes);
    defaultSettings.forEach((value, i) => (runtime.i32[(settings >> 2) + i] = value));
    names.forEach((name, i) => {
      api.lua_pushvalue(L, -1);
      api.lua_pushcclosure(L, pointers[i]!, 1);
      api.lua_setfield(L, -3, runtime.text(name));
    });
    runtime.pop(L, 1);
    api.lua_pushlightuserdata(L, 0);
    api.lua_setfield(L, -2, runtime.text('null'));
    runtime.pushText(L, 'cjson');
    api.lua_setfield(L, -2, runtime.text('_NAME'));
    runtime.pushText(L, '2.1.0');
    api.lua_setfield(L, -2, runtime.text('_VERSION'));
  }
  return pushLibrary;
}
