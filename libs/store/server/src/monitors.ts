/** MONITOR: every command, as it was run, for those who watch. Not what administrates the server, and no passwords. */
import type { Command, Session } from '@larder/store-dispatch';
import { ADMIN } from '@larder/store-dispatch';
import type { Args } from '@larder/store-resp';
import { AUDIENCE_KINDS, Audience } from './audience';
import { redacted } from './slowness';
import type { StoreServer } from './store-server';

const LINE_LETTER = AUDIENCE_KINDS + 1;

export class Monitors {
  private readonly sessions = new Set<Session>();
  private readonly server: StoreServer;
  readonly audience: Audience;

  constructor(server: StoreServer, changed: () => void) {
    this.server = server;
    this.audience = new Audience(server, 'monitors', AUDIENCE_KINDS, changed);
    server.crew?.threads.mail.on(LINE_LETTER, (bytes, off, length) => this.deliver(bytes.subarray(off, off + length)));
  }

  has(session: Session): boolean {
    return this.sessions.has(session);
  }

  /** In an exclusive section. */
  add(session: Session): void {
    this.sessions.add(session);
    this.audience.count = this.sessions.size;
  }

  delete(session: Session): void {
    if (this.sessions.delete(session)) this.audience.count = this.sessions.size;
  }

  /** `client` is whose command it is, or `lua`. */
  tell(client: string, database: number, command: Command, args: Args): void {
    if ((command.bits & ADMIN) !== 0) return;
    const { clock } = this.server;
    const ms = clock.now();
    const micros = String((ms % 1000) * 1000 + (Math.floor(clock.monotonic() * 1000) % 1000)).padStart(6, '0');
    const shown = redacted(command, args);
    const words = Array.from({ length: shown.count }, (_, i) => quoted(shown.text(i)));
    const line = Buffer.from(`+${Math.floor(ms / 1000)}.${micros} [${database} ${client}] ${words.join(' ')}\r\n`, 'latin1');
    for (const thread of this.audience.others) this.server.crew!.threads.mail.post(thread, LINE_LETTER, line);
    this.deliver(line);
  }

  private deliver(line: Uint8Array): void {
    for (const session of this.sessions) session.deliver(line);
  }
}

const ESCAPES: Record<string, string> = { '\\': '\\\\', '"': '\\"', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\x07': '\\a', '\b': '\\b' };

function quoted(text: string): string {
  return `"${text.replace(/[^ -~]|["\\]/g, (char) => ESCAPES[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`;
}
