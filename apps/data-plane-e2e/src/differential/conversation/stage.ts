/**
 * Several connections to each of two servers, and what each of them hears after every turn.
 *
 * When is a turn over? On the reference: when the speaker has its reply or is marked as waiting, and every line that is no
 * longer marked has all its replies (CLIENT LIST's flag `b` says who waits); subscribers have got everything when the PING sent after
 * it is answered. On the target: when each line has heard as many replies as on the reference. So nothing is guessed from time, except
 * by turns that wait for a timeout, which pause.
 */
import { connectRaw, encodeCommands } from '@larder/shared-testing';
import type { Command, RawClient } from '@larder/shared-testing';
import type { Endpoint } from '../pair.ts';
import { isSubscriber, PROTOCOLS, SUBSCRIBERS } from './turns.ts';

const SERVICE_TIMEOUT_MS = 2_000;

export interface Heard {
  /** For each line, the frames of this turn. */
  readonly lines: readonly (readonly Buffer[])[];
  readonly blocked: ReadonlySet<number>;
}

export class Stage {
  private readonly control: RawClient;
  private readonly lines: readonly RawClient[];
  private readonly ids: readonly string[];
  /** Commands without reply, per line. */
  private readonly outstanding: number[] = PROTOCOLS.map(() => 0);
  private markers = 0;

  private constructor(control: RawClient, lines: readonly RawClient[], ids: readonly string[]) {
    this.control = control;
    this.lines = lines;
    this.ids = ids;
  }

  static async open(side: Endpoint): Promise<Stage> {
    const control = await connectRaw({ port: side.port });
    await control.pipeline([['FLUSHALL'], ['SCRIPT', 'FLUSH']]);
    const lines: RawClient[] = [];
    for (const protocol of PROTOCOLS) lines.push(await connectRaw({ port: side.port, protocol }));
    const ids = await Promise.all(lines.map(async (line) => String(await line.ask('CLIENT', 'ID'))));
    return new Stage(control, lines, ids);
  }

  close(): void {
    for (const line of [this.control, ...this.lines]) line.close();
  }

  isWaiting(line: number): boolean {
    return this.outstanding[line]! > 0;
  }

  /** What came for a line after its turn was over; nothing yet is undefined. */
  takeLate(line: number): Buffer[] | undefined {
    if (this.lines[line]!.arrivedCount === 0) return undefined;
    const frames = this.lines[line]!.takeArrived();
    this.outstanding[line] = Math.max(0, this.outstanding[line]! - frames.length);
    return frames;
  }

  /** Plays the turn where the truth comes from. */
  async playAsReference(line: number, command: Command): Promise<Heard> {
    this.say(line, command);
    let blocked = new Set<number>();
    if (!isSubscriber(line)) {
      await this.until('the reference to answer or to block', async () => {
        if (this.lines[line]!.arrivedCount > 0) return true;
        blocked = await this.blockedLines();
        return blocked.has(line);
      });
    }
    blocked = await this.blockedLines();
    await this.until('the reference to serve', () => this.outstanding.every((count, at) => isSubscriber(at) || blocked.has(at) || this.lines[at]!.arrivedCount >= count));
    return this.collect(blocked);
  }

  /** Plays it on the target, which has to come to the same number of replies. */
  async playAsTarget(line: number, command: Command, expected: Heard): Promise<Heard> {
    this.say(line, command);
    const isThere = (): boolean => expected.lines.every((frames, at) => isSubscriber(at) || this.lines[at]!.arrivedCount >= frames.length);
    try {
      await this.until('the target to serve as many', isThere);
    } catch {
      // What is missing shows in what was heard.
    }
    return this.collect(expected.blocked);
  }

  /** Asks again after each round trip to the server: much quicker than a timer, and never idle longer than the server. */
  private async until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = Date.now() + SERVICE_TIMEOUT_MS;
    while (!(await condition())) {
      if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
      await this.control.ask('PING');
    }
  }

  private say(line: number, command: Command): void {
    const resolved = command.map((word) => word.replace(/^\{id:(\d)\}$/, (_match, which: string) => this.ids[Number(which)] ?? '0'));
    this.lines[line]!.write(encodeCommands([resolved]));
    this.outstanding[line]!++;
  }

  private async collect(blocked: ReadonlySet<number>): Promise<Heard> {
    const marker = `heard-${++this.markers}`;
    const lines: Buffer[][] = [];
    for (const [at, line] of this.lines.entries()) {
      if (isSubscriber(at)) {
        lines.push(await this.upToMarker(line, marker));
        this.outstanding[at] = 0;
      } else {
        const frames = line.takeArrived();
        this.outstanding[at] = Math.max(0, this.outstanding[at]! - frames.length);
        lines.push(frames);
      }
    }
    return { lines, blocked };
  }

  private async upToMarker(line: RawClient, marker: string): Promise<Buffer[]> {
    line.write(encodeCommands([['PING', marker]]));
    const frames: Buffer[] = [];
    for (;;) {
      const [frame] = await line.frames(1, SERVICE_TIMEOUT_MS);
      if (frame!.includes(marker)) return frames;
      frames.push(frame!);
    }
  }

  private async blockedLines(): Promise<Set<number>> {
    const listed = String(await this.control.ask('CLIENT', 'LIST'));
    const blocked = new Set<number>();
    for (const text of listed.split('\n')) {
      const id = /^id=(\d+) /.exec(text)?.[1];
      const at = id === undefined ? -1 : this.ids.indexOf(id);
      if (at >= 0 && / flags=\S*b/.test(text)) blocked.add(at);
    }
    return blocked;
  }
}

export const lineCount = PROTOCOLS.length;
export const subscriberLines = SUBSCRIBERS;
