/**
 * Letters between threads: bytes in blocks of the arena, a list for each receiver.
 *
 *   letter   next · kind + 256 · sender · length · spare · bytes
 *
 * Everything that is posted under the one lock is read in the same order by all: what `together` posts to several
 * threads lies between the same neighbours everywhere. A receiver reads when it enters the gate, while it waits before
 * it, and when the bell wakes its event loop.
 *
 * `ask` posts a question and waits for the answer; it is for the thread in an exclusive section, since all others then
 * read their mail: they are before the gate, waiting their turn, or in their event loop.
 */
import { deserialize, serialize } from 'node:v8';
import type { Arena } from '@larder/store-memory';
import { SEGMENT_SHIFT, SEGMENT_UNIT_MASK, lock, unlock } from '@larder/store-memory';
import { BELL, HAS_MAIL, MAIL_HEAD, MAIL_LOCK, MAIL_TAIL, READY, SIGNAL, threadWords } from './words';

const HEAD_BYTES = 16;
const QUESTION = 1;
const ANSWER = 2;
/** Kinds of the users of this file begin here. */
export const FIRST_KIND = 8;

/** A letter's bytes are the receiver's until it returns. */
export type LetterReader = (bytes: Buffer, off: number, length: number, from: number) => void;
/** Answers a question; what it throws comes back to the one who asked. */
export type Answerer = (question: unknown, from: number) => unknown;

export class Mail {
  private readonly words: Int32Array;
  private readonly arena: Arena;
  private readonly thread: number;
  private readonly threads: number;
  private readonly mine: number;
  private readonly readers: (LetterReader | undefined)[] = [];
  private readonly answerers = new Map<string, Answerer>();
  private answer: { value: unknown } | null = null;
  private asked = 0;
  private isReading = false;
  private isClosed = false;
  /** Called now and then while an answer is waited for. */
  onWait: () => void = () => undefined;

  constructor(words: Int32Array, arena: Arena, thread: number, threads: number) {
    this.words = words;
    this.arena = arena;
    this.thread = thread;
    this.threads = threads;
    this.mine = threadWords(thread);
    this.readers[QUESTION] = (bytes, off, length, from) => this.reply(bytes, off, length, from);
    this.readers[ANSWER] = (bytes, off, length) => {
      const { id, value } = deserialize(Buffer.from(bytes.subarray(off, off + length))) as { id: number; value: unknown };
      if (id === this.asked) this.answer = { value };
    };
  }

  on(kind: number, reader: LetterReader): void {
    this.readers[kind] = reader;
  }

  onQuestion(name: string, answerer: Answerer): void {
    this.answerers.set(name, answerer);
  }

  /** @throws ArenaFull */
  post(to: number, kind: number, bytes: Uint8Array, off = 0, length = bytes.length): void {
    lock(this.words, MAIL_LOCK);
    try {
      this.append(to, kind, bytes, off, length);
    } finally {
      unlock(this.words, MAIL_LOCK);
    }
    this.ring(to);
  }

  /**
   * Posts the same letter to every thread of `mask`, itself excepted: for that one `own` runs, in its place in the order. Amid
   * reading, where its place is behind letters that are still to be read, it is posted a letter too.
   */
  together(mask: number, kind: number, bytes: Uint8Array, own: () => void): void {
    const self = 1 << this.thread;
    const isOwn = (mask & self) !== 0 && !this.isReading;
    const receivers = isOwn ? mask & ~self : mask;
    lock(this.words, MAIL_LOCK);
    let letters = 0;
    try {
      for (let t = 0; t < this.threads; t++) if ((receivers & (1 << t)) !== 0) this.append(t, kind, bytes, 0, bytes.length);
      if (isOwn) letters = this.detach();
    } finally {
      unlock(this.words, MAIL_LOCK);
    }
    for (let t = 0; t < this.threads; t++) if ((receivers & (1 << t)) !== 0) this.ring(t);
    if (!isOwn) return;
    this.readList(letters);
    own();
  }

  /** A structure to every other thread. */
  tellAll(kind: number, message: unknown): void {
    const bytes = serialize(message);
    this.together(((1 << this.threads) - 1) & ~(1 << this.thread), kind, bytes, () => undefined);
  }

  /** Reads what has come. */
  read(): void {
    while (this.hasMail) {
      lock(this.words, MAIL_LOCK);
      const letters = this.detach();
      unlock(this.words, MAIL_LOCK);
      this.readList(letters);
    }
  }

  get hasMail(): boolean {
    return Atomics.load(this.words, this.mine + HAS_MAIL) !== 0;
  }

  /** Whether a thread reads its mail by itself: one that is still starting does later. */
  isReady(thread: number): boolean {
    return Atomics.load(this.words, threadWords(thread) + READY) !== 0;
  }

  /** Asks one thread and waits; undefined when it is not ready. In an exclusive section only. @throws what the answerer threw */
  ask(to: number, name: string, question: unknown): unknown {
    if (to === this.thread) return this.answerers.get(name)!(question, to);
    if (!this.isReady(to)) return undefined;
    const id = ++this.asked;
    this.answer = null;
    this.post(to, QUESTION, serialize({ id, name, question }));
    for (;;) {
      const signal = Atomics.load(this.words, this.mine + SIGNAL);
      this.read();
      const answer = this.answer as { value: unknown } | null;
      if (answer !== null && this.asked === id) {
        this.answer = null;
        const { value } = answer;
        if (value instanceof Error) throw value;
        return value;
      }
      this.onWait();
      Atomics.wait(this.words, this.mine + SIGNAL, signal, 50);
    }
  }

  /** Asks all threads, itself first; answers in the order of threads. */
  askAll(name: string, question: unknown): unknown[] {
    const answers: unknown[] = [];
    for (let t = 0; t < this.threads; t++) {
      const answer = this.ask(t, name, question);
      if (answer !== undefined) answers.push(answer);
    }
    return answers;
  }

  private reply(bytes: Buffer, off: number, length: number, from: number): void {
    const { id, name, question } = deserialize(Buffer.from(bytes.subarray(off, off + length))) as { id: number; name: string; question: unknown };
    let value: unknown;
    // A question may be answered while this thread waits for the answer to its own.
    const { asked, answer } = this;
    try {
      value = this.answerers.get(name)!(question, from);
    } catch (error) {
      value = error;
    }
    this.asked = asked;
    this.answer = answer;
    this.post(from, ANSWER, serialize({ id, value }));
  }

  /** Calls `onBell` when mail comes while this thread sleeps in its event loop. */
  listen(onBell: () => void): void {
    Atomics.store(this.words, this.mine + READY, 1);
    // The bell's count is read before anything is looked at: what rings meanwhile, for mail or not, ends the wait at once.
    const arm = (): void => {
      if (this.isClosed) return;
      const bell = Atomics.load(this.words, this.mine + BELL);
      onBell();
      const waiting = Atomics.waitAsync(this.words, this.mine + BELL, bell);
      if (waiting.async) void waiting.value.then(arm);
      else queueMicrotask(arm);
    };
    arm();
  }

  close(): void {
    this.isClosed = true;
    Atomics.store(this.words, this.mine + READY, 0);
    Atomics.notify(this.words, this.mine + BELL);
  }

  private append(to: number, kind: number, bytes: Uint8Array, off: number, length: number): void {
    const { arena, words } = this;
    const address = arena.alloc(arena.common, HEAD_BYTES + length);
    const segment = address >>> SEGMENT_SHIFT;
    const w = (address & SEGMENT_UNIT_MASK) << 1;
    const i32 = arena.i32[segment]!;
    i32[w] = 0;
    i32[w + 1] = kind | (this.thread << 8);
    i32[w + 2] = length;
    arena.u8[segment]!.set(bytes.subarray(off, off + length), (w << 2) + HEAD_BYTES);
    const box = threadWords(to);
    const tail = words[box + MAIL_TAIL]!;
    if (tail === 0) words[box + MAIL_HEAD] = address;
    else arena.i32[tail >>> SEGMENT_SHIFT]![(tail & SEGMENT_UNIT_MASK) << 1] = address;
    words[box + MAIL_TAIL] = address;
  }

  /** Takes the list out of the box; under the lock. */
  private detach(): number {
    const { words, mine } = this;
    const head = words[mine + MAIL_HEAD]!;
    words[mine + MAIL_HEAD] = 0;
    words[mine + MAIL_TAIL] = 0;
    Atomics.store(words, mine + HAS_MAIL, 0);
    return head;
  }

  private ring(to: number): void {
    if (Atomics.exchange(this.words, threadWords(to) + HAS_MAIL, 1) === 0) this.rouse(to);
  }

  /** Wakes a thread wherever it sleeps. */
  rouse(to: number): void {
    const box = threadWords(to);
    Atomics.add(this.words, box + SIGNAL, 1);
    Atomics.notify(this.words, box + SIGNAL);
    Atomics.add(this.words, box + BELL, 1);
    Atomics.notify(this.words, box + BELL);
  }

  private readList(head: number): void {
    const { arena } = this;
    const outer = this.isReading;
    this.isReading = true;
    try {
      for (let address = head; address !== 0; ) {
        const segment = address >>> SEGMENT_SHIFT;
        const w = (address & SEGMENT_UNIT_MASK) << 1;
        const i32 = arena.i32[segment]!;
        const next = i32[w]!;
        const kind = i32[w + 1]!;
        this.readers[kind & 255]!(arena.u8[segment]!, (w << 2) + HEAD_BYTES, i32[w + 2]!, kind >>> 8);
        lock(this.words, MAIL_LOCK);
        arena.free(address);
        unlock(this.words, MAIL_LOCK);
        address = next;
      }
    } finally {
      this.isReading = outer;
    }
  }
}
