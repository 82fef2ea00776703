/**
 * How the server's own work on keys (expiry, eviction) takes a shard: one at a time, given back after each piece of work. False:
 * the shard cannot be had now, and nothing was done.
 */
export type WithShard = (shard: number, work: () => void) => boolean;

/** With one thread there is nothing to take. */
export const unshared: WithShard = (_shard, work) => {
  work();
  return true;
};
