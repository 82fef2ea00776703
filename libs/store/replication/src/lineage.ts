/**
 * What a server's data are: a state of which history, and how that changes. Every such step is here and nowhere else, for the server's
 * shell and for the simulator alike. In exclusive sections only; what goes with a step (links that are dropped, a stream that is
 * switched on) is the caller's.
 *
 *   primary ─demote─▶ replica ─continues─▶ the same history, perhaps under another id
 *      ▲                 │ ───givesUp────▶ hollow ──takes──▶ another history
 *      └────promote──────┘
 *
 * The flags are of the thread that follows a primary; everything else lies in shared memory.
 */
import type { History } from './replica-link';
import type { SharedReplication } from './shared-replication';

export interface LineageHands {
  /** 40 hexadecimal digits that nobody has had. */
  newId(): string;
  /** `repl-backlog-size`. */
  historyBytes(): number;
}

export class Lineage {
  /** A replica's data are a state of the history that the ids name: it can go on from there. */
  hasHistory = false;
  /** Its data were given up for others that have not come: it holds nothing, and must not be promoted. */
  isHollow = false;
  /** The data came from the primary that is followed now. */
  isOfPrimary = false;
  protected readonly shared: SharedReplication;
  private readonly hands: LineageHands;

  constructor(shared: SharedReplication, hands: LineageHands) {
    this.shared = shared;
    this.hands = hands;
  }

  /** What a partial resynchronisation would continue. */
  get history(): History | undefined {
    const { state, backlog } = this.shared;
    return this.hasHistory ? { id: state.id, offset: backlog.end } : undefined;
  }

  /** The data loaded at a start are this state of a history. */
  restore({ id, offset }: History): void {
    const { state, backlog } = this.shared;
    if (state.isReplica) {
      state.renew(id);
      this.hasHistory = this.isOfPrimary = true;
      this.isHollow = false;
    } else state.setSecond(id, offset + 1);
    backlog.begin(offset, this.hands.historyBytes());
  }

  /** A backlog with a history of its own, if there is none: true when it was made. */
  begin(): boolean {
    const { state, backlog } = this.shared;
    if (backlog.isActive) return false;
    state.renew(this.hands.newId());
    backlog.begin(backlog.end, this.hands.historyBytes());
    return true;
  }

  /** Nobody will ask for what the backlog holds. */
  end(): void {
    this.shared.state.renew(this.hands.newId());
    this.shared.backlog.stop();
  }

  /** Follows a primary from now on, and is a state of its own history until that has given it another one. */
  demote(): void {
    this.hasHistory = true;
    this.shared.state.isReplica = true;
  }

  /** Follows another primary than before, or none that its data came from. */
  turn(): void {
    this.isOfPrimary = false;
  }

  /** Goes on as a primary where it is; replicas of the history so far may come along. */
  promote(): void {
    const { state } = this.shared;
    this.shift(this.hands.newId());
    state.isReplica = state.isFollowing = false;
    this.ensureActive();
    this.shared.backlog.database = -1;
    this.hasHistory = this.isHollow = false;
  }

  protected shift(newId: string): void {
    this.shared.state.shift(newId, this.shared.backlog.end);
  }

  /** The primary goes on, under another id if it says one. True when replicas have to learn that. */
  continues(newId: string | undefined): boolean {
    const { state, backlog } = this.shared;
    if (newId !== undefined) {
      state.setSecond(state.id, backlog.end + 1);
      state.id = newId;
    }
    this.ensureActive();
    this.isOfPrimary = true;
    return newId !== undefined;
  }

  private ensureActive(): void {
    const { backlog } = this.shared;
    if (!backlog.isActive) backlog.begin(backlog.end, this.hands.historyBytes());
  }

  /** The primary that the data came from offers a history that is not theirs and not longer: it has lost them. */
  isLostTo(from: History | undefined): boolean {
    const { state, backlog } = this.shared;
    return this.hasHistory && this.isOfPrimary && from !== undefined && from.id !== state.id && from.offset <= backlog.end;
  }

  /** The data go, and with them their history, whatever becomes of those that are to replace them. */
  givesUp(): void {
    this.hasHistory = false;
    this.isHollow = true;
    this.forget();
  }

  protected forget(): void {
    this.end();
  }

  /** The data are this state of a history now; undefined: of a primary that has none to tell. */
  takes(from: History | undefined): void {
    const { state, backlog } = this.shared;
    state.renew(from?.id ?? this.hands.newId());
    backlog.begin(from?.offset ?? 0, this.hands.historyBytes());
    this.hasHistory = from !== undefined;
    this.isHollow = false;
    this.isOfPrimary = true;
  }
}
