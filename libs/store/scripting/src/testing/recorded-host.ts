// A ScriptHost for differential tests: commands of the script are answered by a real store, although that answers
// asynchronously and a script is synchronous.
//
// The trick: the script is run from its start again and again. Commands answered in earlier rounds get their recorded replies; the
// first new one stops the round, is sent to the store (once), and its reply recorded. A script is deterministic as long as it seeds
// its random numbers, so the last round is the whole run.
import type { Args, Reply } from '@larder/store-resp';
import type { ScriptHost } from '../script-host';

export interface RecordedCommand {
  words: Buffer[];
  protocol: 2 | 3;
}

export class NeedsReply extends Error {
  readonly command: RecordedCommand;

  constructor(command: RecordedCommand) {
    super('the script waits for a reply');
    this.command = command;
  }
}

export class RecordedHost implements ScriptHost {
  readonly replies: Buffer[] = [];
  readonly logged: string[] = [];
  #next = 0;

  /** Before each round. */
  rewind(): void {
    this.#next = 0;
    this.logged.length = 0;
  }

  find(): undefined {}

  call(args: Args, reply: Reply): void {
    const recorded = this.replies[this.#next++];
    if (recorded !== undefined) return reply.raw(recorded);
    const words = Array.from({ length: args.count }, (_, i) => args.copy(i));
    throw new NeedsReply({ words, protocol: reply.protocol });
  }

  mayRun(args: Args): boolean | undefined {
    return /^(get|set|del)$/i.test(args.text(0)) ? true : undefined;
  }

  setReplication(): void {}

  log(level: number, text: string): void {
    this.logged.push(`${level} ${text}`);
  }

  onSlow(): 'continue' | 'kill' {
    return 'continue';
  }
}

/** What Redis answers inside a script where it would answer otherwise outside. */
export function asInScript(reply: Buffer): Buffer {
  const text = reply.toString('latin1');
  if (text.startsWith('-ERR unknown command')) return Buffer.from('-ERR Unknown Redis command called from script\r\n');
  if (text.startsWith('-ERR unknown subcommand')) return Buffer.from('-ERR Unknown Redis command called from script\r\n');
  if (text.startsWith('-ERR wrong number of arguments for')) {
    return Buffer.from('-ERR Wrong number of args calling Redis command from script\r\n');
  }
  return reply;
}
