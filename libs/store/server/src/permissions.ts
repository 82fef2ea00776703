/** What users' rights mean for a session: refusals in Redis' words, and the log of them. */
import type { Command, Session } from '@larder/store-dispatch';
import { IN_MULTI } from '@larder/store-dispatch';
import type { Args } from '@larder/store-resp';
import type { User } from './acl';
import { Acl } from './acl';
import type { AclContext, AclDenial, AclReason } from './acl-log';
import { AclLog } from './acl-log';
import type { Denied } from './acl-selector';
import { DENIED_CHANNEL, DENIED_COMMAND, DENIED_KEY } from './acl-selector';
import { clientLine } from './client-line';
import { Connection } from './connection';
import { PubSub } from './pubsub';
import type { StoreServer } from './store-server';

/** Where a command wants to run: as it came in, from a transaction's queue, for a script; or a script only asks whether it might. */
export type AskedFrom = 'wire' | 'exec' | 'script' | 'question';

/** What the log of denials is told. */
export interface AclDenied {
  readonly denial: AclDenial;
  readonly now: number;
  readonly clientInfo: string;
}

const REASONS: Record<number, AclReason> = { [DENIED_COMMAND]: 'command', [DENIED_KEY]: 'key', [DENIED_CHANNEL]: 'channel' };
const CHANGED = 'NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer allowed for the following reason: ';

/** `from` decides the words; for scripts they are what follows "The user executing the script". */
function refusal(denied: Denied, command: Command, from: AskedFrom): string {
  if (from === 'wire') {
    if (denied === DENIED_COMMAND) return `NOPERM this user has no permissions to run the '${command.name}' command`;
    return `NOPERM this user has no permissions to access one of the ${denied === DENIED_KEY ? 'keys' : 'channels'} used as arguments`;
  }
  if (from === 'exec') {
    if (denied === DENIED_COMMAND) return `${CHANGED}no permission to execute the command or subcommand`;
    return `${CHANGED}${denied === DENIED_KEY ? 'no permission to touch the specified keys' : 'no permission to access one of the channels used as arguments'}`;
  }
  if (denied === DENIED_COMMAND) return "can't run this command or subcommand";
  return denied === DENIED_KEY ? "can't access at least one of the keys mentioned in the command arguments" : "can't publish to the channel mentioned in the command";
}

export class Permissions {
  readonly log = new AclLog();
  private readonly server: StoreServer;

  constructor(server: StoreServer) {
    this.server = server;
  }

  /** Why the session's user may not run this; undefined when it may. A refusal is logged, an answer is not. */
  forbids(session: Session, command: Command, args: Args, from: AskedFrom): string | undefined {
    const user = this.server.acl.get(session.user);
    if (user === undefined) return 'NOPERM this user does not exist';
    const { denied, at } = Acl.check(user, command, args);
    if (denied === 0) return undefined;
    if (from === 'question') return refusal(denied, command, from);
    const context = from === 'script' ? 'lua' : from === 'exec' || (session.conditions & IN_MULTI) !== 0 ? 'multi' : 'toplevel';
    this.note(session, REASONS[denied]!, context, denied === DENIED_COMMAND ? command.name : args.text(at), user.name);
    return refusal(denied, command, from);
  }

  /** Somebody did not know the password of `name`. `word` is the command's name as it came. */
  signInFailed(session: Session, word: string, name: string): void {
    this.note(session, 'auth', (session.conditions & IN_MULTI) !== 0 ? 'multi' : 'toplevel', word, name);
  }

  private note(session: Session, reason: AclReason, context: AclContext, object: string, username: string): void {
    const { server } = this;
    const info = session instanceof Connection ? clientLine(server, session) : session.describe();
    const entry: AclDenied = { denial: { reason, context, object, username }, now: server.keyspace.now, clientInfo: info };
    server.note('acl', entry);
  }

  /** Lets clients go that listen to channels which their user, changed from `before` to `after`, may not use any more. */
  dropListeners(before: User, after: User): void {
    const next = after.selectors;
    if (next.some((selector) => selector.allChannels)) return;
    const names = new Set(next.flatMap((selector) => selector.channels.map(({ text }) => text)));
    if (before.selectors.every((selector) => !selector.allChannels && selector.channels.every(({ text }) => names.has(text)))) return;
    const isLost = (name: string, isPattern: boolean) => {
      const bytes = Buffer.from(name, 'latin1');
      return !next.some((selector) => selector.mayUseChannel(bytes, 0, bytes.length, isPattern));
    };
    for (const session of [...this.server.connections.values()]) {
      if (session.user !== before.name || PubSub.subscriptions(session) + session.shardChannels.size === 0) continue;
      const loses = [...session.patterns].some((name) => isLost(name, true)) || [...session.channels, ...session.shardChannels].some((name) => isLost(name, false));
      if (loses) this.drop(session);
    }
  }

  /** Lets clients of a user go that is there no more. */
  dropClients(isGone: (user: string) => boolean): void {
    for (const session of [...this.server.connections.values()]) if (isGone(session.user)) this.drop(session);
  }

  private drop(session: Connection): void {
    if (session === this.server.current) session.closing = true;
    else session.end(false);
  }
}
