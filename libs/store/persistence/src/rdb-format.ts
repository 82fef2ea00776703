/**
 * The RDB format, version 10 (Redis 7.0): numbers that reader and writer share.
 *
 *   "REDIS0010"  [AUX key value]*  ( SELECTDB n  RESIZEDB keys expires  ( [EXPIRETIME_MS t] type key value )* )*  EOF  crc64
 *
 *   length   00xxxxxx                         6 bits
 *            01xxxxxx xxxxxxxx                14 bits, big-endian
 *            10000000 + 4 bytes, 10000001 + 8 bytes, big-endian
 *   string   length, bytes  |  11000000 i8  |  11000001 i16le  |  11000010 i32le  |  11000011 compressed-length length LZF
 *
 * Source: the format as rdb.h and rdb.c of Redis 7.0 (BSD) define it.
 */
export const RDB_VERSION = 10;
/** Versions that can be read. */
export const RDB_VERSION_MAX = 12;

export const OP_FUNCTION2 = 245;
export const OP_FUNCTION_PRE_GA = 246;
export const OP_MODULE_AUX = 247;
export const OP_IDLE = 248;
export const OP_FREQ = 249;
export const OP_AUX = 250;
export const OP_RESIZEDB = 251;
export const OP_EXPIRETIME_MS = 252;
export const OP_EXPIRETIME = 253;
export const OP_SELECTDB = 254;
export const OP_EOF = 255;
export const OP_SLOT_INFO = 244;

export const RDB_TYPE_STRING = 0;

export const ENC_INT8 = 0xc0;
export const ENC_INT16 = 0xc1;
export const ENC_INT32 = 0xc2;
export const ENC_LZF = 0xc3;

/** Strings of at least this many bytes are worth compressing. */
export const COMPRESS_BYTES_MIN = 21;
