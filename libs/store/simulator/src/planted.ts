/**
 * Places where a fault can be planted: each is a step that the code under test relies on, and by default it is done right. A test plants
 * one and sees that the judge notices.
 */
import type { ReplicationState, SharedReplication } from '@larder/store-replication';
import type { Sentinel } from '@larder/store-sentinel';

export interface Steps {
  /** A replica goes on as a primary. */
  promote(state: ReplicationState, newId: string, offset: number): void;
  /** A replica gives up its data for a snapshot. */
  flushed(shared: SharedReplication, newId: string): void;
  /** A replica whose primary is gone goes on loading what it was sent. */
  finishesLoading(): boolean;
  /** The priority that a replica tells which has given up its data and was never given others. */
  priorityOfHollow(): number;
  hasTooFew(good: number, minimum: number): boolean;
  /** FAILOVER: clients' writes wait until it is over. */
  holdsWrites(): boolean;
  /** FAILOVER: a replica has all that was written. */
  hasAll(acknowledged: number, upTo: number): boolean;
  /** What a server tells of itself. */
  info(text: string): string;
  /** A Sentinel is asked for its vote. */
  beforeVote(sentinel: Sentinel): void;
}

export const soundSteps: Steps = {
  promote: (state, newId, offset) => state.shift(newId, offset),
  flushed: ({ state, backlog }, newId) => {
    state.renew(newId);
    backlog.stop();
  },
  finishesLoading: () => true,
  priorityOfHollow: () => 0,
  hasTooFew: (good, minimum) => good < minimum,
  holdsWrites: () => true,
  hasAll: (acknowledged, upTo) => acknowledged >= upTo,
  info: (text) => text,
  beforeVote: () => undefined,
};

/** Votes are forgotten, as if they had been told before they were written. */
export const votesTwice: Partial<Steps> = {
  beforeVote: (sentinel) => {
    for (const primary of sentinel.primaries.values()) primary.leaderEpoch = 0;
  },
};

/** Offsets are turned round on their way to the Sentinels, so that whoever has least seems to have most. */
export const promotesShortest: Partial<Steps> = {
  info: (text) => text.replace(/slave_repl_offset:(\d+)/, (_, offset: string) => `slave_repl_offset:${1_000_000_000 - Number(offset)}`),
};

/** Nobody knows whose history an offset is of, so an old primary that wrote on alone has most. */
export const comparesHistories: Partial<Steps> = {
  info: (text) => text.replace(/master_replid:\w+\r\n/, ''),
};

export const forgetsSecondId: Partial<Steps> = {
  promote: (state, newId) => state.renew(newId),
};

/** Whoever followed the same history may come along, however far it went on with another. */
export const forgetsSecondOffset: Partial<Steps> = {
  promote: (state, newId, offset) => {
    state.shift(newId, offset);
    state.setSecond(state.id2, Number.MAX_SAFE_INTEGER);
  },
};

export const acceptsAlone: Partial<Steps> = {
  hasTooFew: () => false,
};

/** Who gave up its data keeps the name of their history. */
export const keepsHistoryOfFlushed: Partial<Steps> = {
  flushed: () => undefined,
};

/** A load ends with the connection, when the old data are gone already. */
export const abandonsLoading: Partial<Steps> = {
  finishesLoading: () => false,
};

/** Who holds nothing offers itself all the same. */
export const hollowOffersItself: Partial<Steps> = {
  priorityOfHollow: () => 100,
};

/** FAILOVER lets clients write on. */
export const handsOverUnheld: Partial<Steps> = {
  holdsWrites: () => false,
};

/** FAILOVER goes to a replica that lacks the last of it. */
export const handsOverTooSoon: Partial<Steps> = {
  hasAll: () => true,
};
