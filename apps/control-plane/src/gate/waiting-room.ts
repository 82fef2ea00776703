// Whoever comes while there is nowhere to lead to: the primary is dead and nobody has been chosen yet. Turned away they would come again later and
// later, each by its own patience, and find the new primary long after it began.
//
// Invariants
// - Nothing has been read from who waits, so nothing can be lost or done twice.
// - Nobody waits for longer than `patienceMs` in all; then they are told why.
import type { Socket } from 'node:net';

/** One that has died and is back says nothing: it is tried. */
const tryAgainMs = 100;
const waitingMax = 10_000;
const refusal = '-ERR The store does not answer, and no other has been chosen yet\r\n';

export class WaitingRoom {
  readonly #patienceMs: number;
  readonly #leadOn: (client: Socket) => void;
  readonly #waiting = new Set<Socket>();
  /** Of everybody who has waited and is still there. */
  readonly #untilMs = new WeakMap<Socket, number>();
  #again: NodeJS.Timeout | undefined;

  constructor(patienceMs: number, leadOn: (client: Socket) => void) {
    this.#patienceMs = patienceMs;
    this.#leadOn = leadOn;
  }

  take(client: Socket): void {
    if (client.destroyed) return;
    const nowMs = performance.now();
    const untilMs = this.#untilMs.get(client) ?? nowMs + this.#patienceMs;
    if (nowMs >= untilMs || this.#waiting.size >= waitingMax) return void client.end(refusal, () => client.destroy());
    this.#untilMs.set(client, untilMs);
    this.#waiting.add(client);
    this.#again ??= setTimeout(() => this.wake(), Math.min(tryAgainMs, untilMs - nowMs));
  }

  /** There may be somewhere to go. */
  wake(): void {
    clearTimeout(this.#again);
    this.#again = undefined;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const client of waiting) if (!client.destroyed) this.#leadOn(client);
  }

  close(): void {
    clearTimeout(this.#again);
    for (const client of this.#waiting) client.destroy();
    this.#waiting.clear();
  }
}
