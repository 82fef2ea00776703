export { Arena, ArenaFull, SEGMENT_SHIFT, SEGMENT_UNIT_MASK } from './arena';
export type { ArenaOptions, SharedArena } from './arena';
export { LOCK_STRIDE, SPINS, lock, lockWithin, tryLock, unlock } from './lock';
export { PAGE_BYTES, UNIT_BYTES } from './size-classes';
