/** All that the threads of a server share of replication. */
import { Backlog } from './backlog';
import type { Spill } from './backlog';
import { LinkTable } from './link-table';
import { ReplicationState } from './replication-state';
import { ReplicationStream } from './replication-stream';

export interface ReplicationMemory {
  readonly state: SharedArrayBuffer;
  readonly backlog: SharedArrayBuffer;
  readonly links: SharedArrayBuffer;
}

export class SharedReplication {
  readonly memory: ReplicationMemory;
  readonly state: ReplicationState;
  readonly backlog: Backlog;
  readonly links: LinkTable;
  readonly stream: ReplicationStream;

  /** `backlogBytesMax` is address space: memory is taken as the backlog fills. */
  static reserve(backlogBytesMax: number): ReplicationMemory {
    return { state: ReplicationState.reserve(), backlog: Backlog.reserve(backlogBytesMax), links: LinkTable.reserve() };
  }

  constructor(memory: ReplicationMemory, spill: Spill | null = null) {
    this.memory = memory;
    this.state = new ReplicationState(memory.state);
    this.backlog = new Backlog(memory.backlog);
    this.links = new LinkTable(memory.links);
    this.stream = new ReplicationStream(this.backlog);
    this.backlog.leastNeeded = () => this.links.leastNeeded();
    this.backlog.spill = spill;
  }
}
