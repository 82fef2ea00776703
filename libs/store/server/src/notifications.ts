/**
 * Keyspace notifications: what happens to keys, published on channels of pub/sub.
 *
 *   __keyspace@<database>__:<key>      the event         class K
 *   __keyevent@<database>__:<event>    the key           class E
 *
 * It listens to the keyspace only while `notify-keyspace-events` has a class on.
 */
import type { KeyListener } from '@larder/store-keyspace';
import {
  NOTIFY_EVICTED,
  NOTIFY_EXPIRED,
  NOTIFY_GENERIC,
  NOTIFY_HASH,
  NOTIFY_LIST,
  NOTIFY_MISS,
  NOTIFY_NEW,
  NOTIFY_SET,
  NOTIFY_STREAM,
  NOTIFY_STRING,
  NOTIFY_ZSET,
} from '@larder/store-keyspace';
import type { PubSub } from './pubsub';

const LETTERS: Readonly<Record<string, number>> = {
  g: NOTIFY_GENERIC,
  $: NOTIFY_STRING,
  l: NOTIFY_LIST,
  s: NOTIFY_SET,
  h: NOTIFY_HASH,
  z: NOTIFY_ZSET,
  x: NOTIFY_EXPIRED,
  e: NOTIFY_EVICTED,
  t: NOTIFY_STREAM,
  n: NOTIFY_NEW,
  m: NOTIFY_MISS,
};

export class Notifications implements KeyListener {
  private classes = 0;
  private byKey = false;
  private byEvent = false;
  private readonly pubsub: PubSub;

  constructor(pubsub: PubSub) {
    this.pubsub = pubsub;
  }

  /** Takes the letters of the setting; true when there is anything to listen for. */
  follow(letters: string): boolean {
    this.classes = 0;
    for (const letter of letters) this.classes |= LETTERS[letter] ?? 0;
    this.byKey = letters.includes('K');
    this.byEvent = letters.includes('E');
    return this.classes !== 0 && (this.byKey || this.byEvent);
  }

  keyChanged(database: number, key: Uint8Array, off: number, length: number, notifyClass: number, event: string): void {
    if ((this.classes & notifyClass) === 0) return;
    const name = Buffer.from(key.subarray(off, off + length));
    const word = Buffer.from(event, 'latin1');
    if (this.byKey) this.pubsub.publish(`__keyspace@${database}__:${name.toString('latin1')}`, word, 0, word.length);
    if (this.byEvent) this.pubsub.publish(`__keyevent@${database}__:${event}`, name, 0, name.length);
  }

  databaseChanged(): void {
    // Emptied and exchanged databases are not told key by key.
  }
}
