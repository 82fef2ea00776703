export { Arena, ArenaFull, SEGMENT_SHIFT, SEGMENT_UNIT_MASK } from './arena';
export type { ArenaOptions } from './arena';
export { PAGE_BYTES, UNIT_BYTES } from './size-classes';
