export { Args } from './args';
export { COMPLETE, Decoder, INCOMPLETE, INVALID } from './decoder';
export type { DecodeLimits, DecodeState } from './decoder';
export { REPLY_BUFFER_BYTES, Reply, ReplyTooLarge } from './reply';
