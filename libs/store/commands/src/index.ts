export { stringCommands } from './string/string-commands';
export { stringEncodingName } from './string/string-value';
export { hashCommands } from './hash/hash-commands';
export { HASH_LISTPACK, HASH_TABLE, Hashes, hashKind, hashLimits, hashesOf } from './hash/hash-value';
export { setCommands } from './set/set-commands';
export { SET_INTSET, SET_TABLE, SetContent, Sets, setKind, setLimits, setsOf } from './set/set-value';
export { keyCommands, replyHelp } from './generic/key-commands';
export { expiryCommands } from './generic/expiry-commands';
export { cursorArg, databaseCommands, scanOptions } from './generic/database-commands';
