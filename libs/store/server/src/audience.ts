/**
 * How many clients of each thread want to be told of something that every thread may do (commands for MONITOR, changes for tracking):
 * a thread tells only those that have any.
 *
 * A first listener is announced in an exclusive section, and every thread has answered before it ends: what is done from then on is
 * told. That there are no more is told by letter, whenever it is read.
 */
import { FIRST_HOST_KIND } from '@larder/store-dispatch';
import type { StoreServer } from './store-server';

/** Letters of this file and of those who use it. */
export const AUDIENCE_KINDS = FIRST_HOST_KIND + 16;

export class Audience {
  private readonly elsewhere = new Map<number, number>();
  private here = 0;
  private readonly server: StoreServer;
  private readonly name: string;
  private readonly kind: number;
  private readonly changed: () => void;

  /** `changed` is called when it matters whether there is any listener. */
  constructor(server: StoreServer, name: string, kind: number, changed: () => void) {
    this.server = server;
    this.name = name;
    this.kind = kind;
    this.changed = changed;
    const mail = server.crew?.threads.mail;
    mail?.onQuestion(name, (count, from) => this.heard(from, count as number));
    mail?.on(kind, (bytes, off, _length, from) => void this.heard(from, bytes.readUInt32LE(off)));
  }

  /** Anywhere. */
  get isEmpty(): boolean {
    return this.here === 0 && this.elsewhere.size === 0;
  }

  /** Threads, other than this one, that have listeners. */
  get others(): Iterable<number> {
    return this.elsewhere.keys();
  }

  get hasOthers(): boolean {
    return this.elsewhere.size > 0;
  }

  private heard(thread: number, count: number): boolean {
    if (count === 0) this.elsewhere.delete(thread);
    else this.elsewhere.set(thread, count);
    this.changed();
    return true;
  }

  /** This thread has so many listeners now. When it had none, only in an exclusive section. */
  set count(count: number) {
    const before = this.here;
    this.here = count;
    if ((before === 0) === (count === 0)) return;
    this.changed();
    const threads = this.server.crew?.threads;
    if (threads === undefined) return;
    const { mail, index } = threads;
    const letter = Buffer.alloc(4);
    letter.writeUInt32LE(count);
    for (let t = 0; t < threads.count; t++) {
      if (t === index) continue;
      if (count > 0) mail.ask(t, this.name, count);
      else mail.post(t, this.kind, letter);
    }
  }

  get count(): number {
    return this.here;
  }
}
