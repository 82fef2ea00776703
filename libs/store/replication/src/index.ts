// The front door of @larder/store-replication: decisions and shared memory of replication, no I/O.
export { Backlog, RING_BYTES_MIN } from './backlog';
export type { Spill } from './backlog';
export { Failover } from './failover';
export type { FailoverHands, FailoverState, FailoverTarget } from './failover';
export { Lineage } from './lineage';
export type { LineageHands } from './lineage';
export * from './link-table';
export { NO_ID, ReplicationState } from './replication-state';
export type { HeldHistory, PsyncDecision } from './replication-state';
export { ReplicaLink } from './replica-link';
export type { History, LinkHands, LinkPhase, LinkSettings, LoadResult } from './replica-link';
export { REPLICAS_ONLY, ReplicationStream, commandBytes } from './replication-stream';
export { SharedReplication } from './shared-replication';
export type { ReplicationMemory } from './shared-replication';
