/**
 * What a seed stands for: the size of the deployment, its settings, what servers' disks keep, and a list of faults with their times. The
 * list is data, so that a red run can be shrunk by leaving faults out.
 *
 * When is a write that WAIT acknowledged safe? Redis replicates asynchronously and elects a primary without asking the data, so
 * WAIT alone promises nothing. What can be promised, and is judged, depends on the faults:
 *
 *   durable   Any faults, but no process comes back with less than it had acknowledged. Then a write that *all* replicas have
 *             acknowledged is never lost: every server has it, and data only ever come from a server. With a mere majority it can be
 *             lost: the primary is cut off from the Sentinels alone, one replica is chosen, and the others acknowledge on meanwhile.
 *   lossy     Servers come back with an old snapshot, or empty. A replica that acknowledged from memory may be chosen with less than
 *             that, so no write is safe. All other rules are judged.
 *   failing   The primary dies or is cut off from servers and Sentinels alike, stays away until the failover has ended, and nothing
 *             that was acknowledged is lost by a restart. One server is away at a time; the last one may not follow again when the
 *             next is lost. Then a *majority* of replicas suffices: they acknowledge nothing new after the cut, enough of them are
 *             heard for one that has the write to be among them, and of the primary's own history the longest wins.
 *             Each condition is needed: a primary that is back before the last replica was turned round is still followed by a
 *             majority, which acknowledges what the successor never hears of. `min-replicas-to-write` does not help against that.
 *   handover  Primaries change by FAILOVER alone, as an operator or a control plane asks for it: there are no Sentinels, processes hang, are
 *             slow and cut off, but none dies (who dies amid a handover comes back as what it was). Then nothing that any primary ever
 *             took is lost, acknowledged or not, and never do two take writes.
 *
 * In all but `failing` FAILOVER is ordered now and then, in `durable` and `lossy` also with FORCE, behind the Sentinels' back.
 */
import type { Random } from '@larder/shared-std';
import { seededRandom } from '@larder/shared-std/testing';
import type { Steps } from './planted';

export type Kind = 'durable' | 'lossy' | 'failing' | 'handover';

export interface ScenarioOptions {
  readonly seed: number;
  readonly kind: Kind;
  readonly replicas: number;
  readonly sentinels: number;
  readonly clients: number;
  /** A process comes back with all that it had. */
  readonly isDurable: boolean;
  readonly judgesLoss: boolean;
  readonly waitReplicas: number;
  readonly minReplicas: number;
  /** Redis' own choice of replicas, without the guard against empty ones. */
  readonly promotesAnyone: boolean;
  /** Share of the clocks' drift. */
  readonly drift: number;
  readonly delayMsMax: number;
  readonly repeats: number;
  readonly faults: readonly Fault[];
  readonly orders: readonly Order[];
  /** All faults have ended by then. */
  readonly quietFromMs: number;
  readonly planted?: Partial<Steps>;
}

export type FaultKind = 'crash' | 'crash-primary' | 'stop' | 'stop-primary' | 'isolate' | 'isolate-primary' | 'cut-replica' | 'one-way' | 'split' | 'resets' | 'delays' | 'clock' | 'slow-disk' | 'full-disk' | 'crash-sentinel' | 'save';

export interface Fault {
  readonly kind: FaultKind;
  readonly atMs: number;
  readonly ms: number;
  /** Whom it befalls, as a share of those there are. */
  readonly whom: number;
  readonly other: number;
  /** Does the machine die with the process; does the disk lose everything. */
  readonly isHard: boolean;
  readonly losesDisk: boolean;
}

/** FAILOVER, given to whoever is primary then; perhaps TO one of its replicas. */
export interface Order {
  readonly atMs: number;
  readonly timeoutMs: number;
  /** As a share of its replicas; undefined: whoever is ready first. */
  readonly to: number | undefined;
  readonly isForced: boolean;
}

const FAULTS_FROM_MS = 3000;
const STORM_UNTIL_MS = 14_000;
const FAILING_UNTIL_MS = 16_000;
const FAULT_MS_MAX = 5000;

const STORM: readonly FaultKind[] = ['crash', 'crash-primary', 'crash-primary', 'stop', 'stop-primary', 'isolate', 'isolate-primary', 'one-way', 'one-way', 'split', 'resets', 'delays', 'clock', 'slow-disk', 'full-disk', 'crash-sentinel', 'save'];
/** None dies, and no word among servers is lost with a server. */
const HANDOVER: readonly FaultKind[] = ['stop', 'stop-primary', 'isolate', 'isolate-primary', 'cut-replica', 'cut-replica', 'one-way', 'one-way', 'split', 'resets', 'resets', 'delays', 'clock', 'slow-disk'];
const FAILING: readonly FaultKind[] = ['crash-primary', 'isolate-primary'];
/** Between two faults of `failing` at least. */
const FAILING_EVERY_MS = 9000;
/** As long as a failover takes with all its reconfigurations, one replica after the other. */
const FAILING_MS_MIN = 4500;

export function scenarioOf(seed: number, changes: Partial<ScenarioOptions> = {}): ScenarioOptions {
  const random = seededRandom(seed * 7919 + 13);
  const kind = changes.kind ?? (['durable', 'lossy', 'failing'] as const)[seed % 3]!;
  // Apart, so that seeds stand for the same faults as before there were orders.
  const orders = ordersOf(kind, seededRandom(seed * 6577 + 29));
  const replicas = kind === 'failing' ? 2 + random.int(3) : 1 + random.int(3);
  const sentinels = random.next() < 0.8 ? 3 : 5;
  const minReplicas = random.next() < 0.5 ? 1 : 0;
  return {
    seed,
    kind,
    replicas,
    sentinels: kind === 'handover' ? 0 : sentinels,
    clients: 2,
    isDurable: kind !== 'lossy',
    judgesLoss: kind !== 'lossy',
    waitReplicas: kind === 'failing' ? Math.floor(replicas / 2) + 1 : kind === 'handover' ? 1 : replicas,
    minReplicas,
    promotesAnyone: kind === 'lossy' && random.next() < 0.3,
    drift: random.next() * 0.02,
    delayMsMax: 1 + random.next() * 5,
    repeats: random.next() * 0.1,
    quietFromMs: (kind === 'failing' ? FAILING_UNTIL_MS : STORM_UNTIL_MS) + FAULT_MS_MAX,
    faults: kind === 'failing' ? failingFaults(random) : stormFaults(random, kind === 'lossy', kind === 'handover' ? HANDOVER : STORM),
    orders,
    ...changes,
  };
}

function stormFaults(random: Random, isLossy: boolean, kinds: readonly FaultKind[]): Fault[] {
  return Array.from({ length: 3 + random.int(8) }, () => ({
    kind: kinds[random.int(kinds.length)]!,
    atMs: FAULTS_FROM_MS + random.next() * (STORM_UNTIL_MS - FAULTS_FROM_MS),
    ms: 200 + random.next() ** 2 * (FAULT_MS_MAX - 200),
    whom: random.next(),
    other: random.next(),
    isHard: random.next() < 0.4,
    losesDisk: isLossy && random.next() < 0.4,
  })).sort((a, b) => a.atMs - b.atMs);
}

function failingFaults(random: Random): Fault[] {
  const faults: Fault[] = [];
  for (let atMs = FAULTS_FROM_MS + random.next() * 2000; atMs < FAILING_UNTIL_MS; atMs += FAILING_EVERY_MS) {
    // One replica hears nothing of the primary's last writes, and is there to be chosen.
    faults.push({ kind: 'cut-replica', atMs: atMs - random.next() * 800, ms: 3000, whom: random.next(), other: 0, isHard: false, losesDisk: false });
    faults.push({ kind: FAILING[random.int(2)]!, atMs, ms: FAILING_MS_MIN + random.next() * (FAULT_MS_MAX - FAILING_MS_MIN), whom: 0, other: 0, isHard: random.next() < 0.5, losesDisk: false });
  }
  return faults;
}

function ordersOf(kind: Kind, random: Random): Order[] {
  if (kind === 'failing') return [];
  const count = kind === 'handover' ? 3 + random.int(8) : random.int(3);
  return Array.from({ length: count }, () => {
    const isForced = kind !== 'handover' && random.next() < 0.3;
    return {
      atMs: FAULTS_FROM_MS + random.next() * (STORM_UNTIL_MS - FAULTS_FROM_MS),
      timeoutMs: isForced || random.next() < 0.8 ? 50 + random.next() ** 2 * 3000 : 0,
      to: isForced || random.next() < 0.5 ? random.next() : undefined,
      isForced,
    };
  }).sort((a, b) => a.atMs - b.atMs);
}
