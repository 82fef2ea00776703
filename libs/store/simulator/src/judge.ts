/**
 * What must hold, judged from outside of the code under test: the judge knows all data states, all answers that clients got and the true
 * time, and believes no server.
 *
 *   one leader per epoch                 who says +elected-leader in it
 *   one primary per epoch                an epoch of a configuration names one address, on all Sentinels
 *   one history                          who is at an offset of a history has the data that the history's primary had there
 *   no needless full synchronisation     what a successor's second id covers, and its backlog has, is continued
 *   min-replicas-to-write                an isolated primary takes no writes after the lag is over
 *   every failover ends                  within its time-outs
 *   no write under WAIT is lost          see `judgesLoss` in scenario.ts for the assumptions
 *   a connection sees what it wrote      as long as it stands
 *   one line of writes                   where primaries change by FAILOVER alone: each write follows on the last one that any primary took
 */
import type { ClientNode } from './client-node';
import type { SentinelNode } from './sentinel-node';
import type { Request, Response, ServerNode } from './server-node';
import type { World } from './world';
import type { DataState } from './write-tree';

/** Of ticks of a Sentinel that could go on: time-outs of all steps in a row, see failover.ts. */
const FAILOVER_MS_MAX = 25_000;
const TICK_MS_MAX = 200;
const VIOLATIONS_MAX = 5;

export interface Violation {
  readonly rule: string;
  readonly what: string;
  readonly atMs: number;
}

export interface Figures {
  elections: number;
  promotions: number;
  handovers: number;
  fullSyncs: number;
  partialSyncs: number;
  writesAccepted: number;
  writesAcknowledged: number;
  refusedAlone: number;
  reads: number;
}

export class Judge {
  readonly violations: Violation[] = [];
  readonly figures: Figures = { elections: 0, promotions: 0, handovers: 0, fullSyncs: 0, partialSyncs: 0, writesAccepted: 0, writesAcknowledged: 0, refusedAlone: 0, reads: 0 };
  /** Writes that were acknowledged by as many replicas as they asked for. */
  private readonly acknowledged = new Set<number>();
  private attempts = 0;
  /** What the last write that a primary took made of the data. */
  private tip: DataState | null = null;
  private readonly leaders = new Map<number, string>();
  private readonly primaries = new Map<number, string>();
  private readonly underWay = new Map<SentinelNode, { ms: number; tickedMs: number }>();
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  blame(rule: string, what: string): void {
    if (this.violations.length < VIOLATIONS_MAX) this.violations.push({ rule, what, atMs: Math.round(this.world.queue.nowMs) });
  }

  attempt(): number {
    return ++this.attempts;
  }

  // Sentinels

  elected(node: SentinelNode): void {
    const { failoverEpoch } = node.primary;
    this.figures.elections++;
    const other = this.leaders.get(failoverEpoch);
    if (other !== undefined && other !== node.address) this.blame('one leader per epoch', `${other} and ${node.address} in ${failoverEpoch}`);
    this.leaders.set(failoverEpoch, node.address);
  }

  ticked(node: SentinelNode): void {
    const { primary, sentinel } = node;
    const { configEpoch, currentAddress } = primary;
    const known = this.primaries.get(configEpoch);
    if (known === undefined) this.primaries.set(configEpoch, currentAddress.ip);
    else if (known !== currentAddress.ip) this.blame('one primary per epoch', `${known} and, for ${node.address}, ${currentAddress.ip} in ${configEpoch}`);

    const { nowMs } = this.world.queue;
    const run = this.underWay.get(node);
    if (primary.failoverState === 'none') return void this.underWay.delete(node);
    if (run === undefined) return void this.underWay.set(node, { ms: 0, tickedMs: nowMs });
    // As in Redis, a promoted replica that is gone again is waited for, until another Sentinel's failover ends this one.
    const isHeldUp = sentinel.isTilted || primary.promoted?.isSubjectivelyDown === true;
    if (!isHeldUp) run.ms += Math.min(nowMs - run.tickedMs, TICK_MS_MAX);
    run.tickedMs = nowMs;
    if (run.ms <= FAILOVER_MS_MAX) return;
    this.blame('every failover ends', `${node.address} has been in ${primary.failoverState} for ${Math.round(run.ms)} ms`);
    run.ms = -Infinity;
  }

  sentinelEnded(node: SentinelNode): void {
    this.underWay.delete(node);
  }

  // Servers

  isAt(server: ServerNode, history: string, offset: number): void {
    const { tree } = this.world;
    if (!server.isReplica) {
      const other = tree.declare(history, offset, server.data);
      if (other !== undefined) this.blame('one history', `${server.address} has other data at ${offset} of ${history.slice(0, 6)} than this history`);
      return;
    }
    const truth = tree.at(history, offset);
    if (truth === server.data) return;
    const place = `${offset} of ${history.slice(0, 6)}`;
    if (truth === undefined) this.blame('one history', `${server.address} says it is at ${place}, where no primary ever was`);
    else this.blame('one history', `${server.address} has data of depth ${server.data.depth} at ${place}, where they were of depth ${truth.depth}`);
  }

  psyncAnswered(server: ServerNode, id: string, offset: number, goesOn: boolean): void {
    if (goesOn) this.figures.partialSyncs++;
    else this.figures.fullSyncs++;
    const { state, backlog } = server.shared;
    const origin = this.world.tree.originOf(state.id);
    if (goesOn || server.isReplica || origin?.id !== id || !backlog.isActive) return;
    if (offset - 1 <= origin.offset && offset - 1 >= backlog.first) this.blame('no needless full synchronisation', `${server.address} has all that follows ${offset} of ${id.slice(0, 6)}`);
  }

  accepted(server: ServerNode, before: DataState): void {
    this.figures.writesAccepted++;
    if (this.world.options.kind === 'handover' && this.tip !== null && before !== this.tip) {
      this.blame('one line of writes', `${server.address} took a write at depth ${before.depth} where the last primary was at ${this.tip.depth}`);
    }
    this.tip = server.data;
    const { isolatedSince, queue, network } = this.world;
    const since = isolatedSince.get(server);
    if (server.minReplicas === 0 || since === undefined) return;
    const aloneMs = queue.nowMs - Math.max(since, server.resumedAtMs, server.snapshotSentAtMs) - network.delayMsMax;
    if (aloneMs > (server.maxLagSeconds + 1) * 1000 / server.clock.rate + 50) this.blame('min-replicas-to-write', `${server.address} took a write after ${Math.round(aloneMs)} ms without replicas`);
  }

  // Clients

  answered(client: ClientNode, request: Request, response: Response, depthMin: number): void {
    const { figures } = this;
    if (response.error === 'NOREPLICAS') figures.refusedAlone++;
    if (response.error !== undefined) return;
    if (request.kind === 'write') {
      if (request.replicas === 0 || response.value < request.replicas) return;
      figures.writesAcknowledged++;
      this.acknowledged.add(request.write);
      return;
    }
    figures.reads++;
    if (response.value > this.attempts) this.blame('reads', `${client.address} read ${response.value}, which nobody wrote`);
    if (response.depth < depthMin) this.blame('a connection sees what it wrote', `${client.address} wrote at depth ${depthMin} and reads at ${response.depth}`);
  }

  /** All is over: what the last primary has is what there is. */
  concludes(last: ServerNode): void {
    if (this.world.options.kind === 'handover' && this.tip !== null && last.data !== this.tip) this.blame('one line of writes', `all is whole again at depth ${last.data.depth}, where the last write was at ${this.tip.depth}`);
    if (!this.world.options.judgesLoss) return;
    const kept = this.world.tree.writesIn(last.data);
    const lost = [...this.acknowledged].filter((write) => !kept.has(write));
    if (lost.length > 0) this.blame('no write under WAIT is lost', `${lost.length} of ${this.acknowledged.size}, the first is ${lost[0]}`);
  }
}
