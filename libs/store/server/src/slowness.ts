/** A command that took long: for SLOWLOG and for LATENCY, each by its own threshold. Passwords are not shown. */
import type { Command, Session } from '@larder/store-dispatch';
import { SKIP_SLOWLOG } from '@larder/store-dispatch';
import type { Args } from '@larder/store-resp';
import { Connection } from './connection';
import { shortened } from './slow-log';
import type { StoreServer } from './store-server';

/** From how many µs on dispatch must tell, so that neither misses one. */
export function toldFromUsec(server: StoreServer): number {
  const slow = slowUsec(server);
  const latencyMs = server.settings.number('latency-monitor-threshold');
  return Math.min(slow, latencyMs === 0 ? Infinity : latencyMs * 1000);
}

function slowUsec({ settings }: StoreServer): number {
  const usec = settings.number('slowlog-log-slower-than');
  return usec < 0 || settings.number('slowlog-max-len') === 0 ? Infinity : usec;
}

export function noteSlow(server: StoreServer, session: Session, args: Args, usec: number): void {
  const { command, inScript } = server.dispatcher.unit;
  // What another thread wants run here is measured there.
  if (!inScript && !(session instanceof Connection)) return;
  if (server.latency.thresholdMs > 0) server.noteLatency(command.flags.includes('fast') ? 'fast-command' : 'command', usec / 1000);
  if (usec < slowUsec(server) || (command.bits & SKIP_SLOWLOG) !== 0) return;
  const address = session instanceof Connection ? session.address : (server.current?.address ?? '');
  server.note('slow', { time: Math.floor(server.keyspace.now / 1000), usec: Math.floor(usec), args: shortened(redacted(command, args)), address, name: session.name });
}

const HIDDEN = '(redacted)';

/** The arguments as they may be shown. */
export function redacted(command: Command, args: Args): Args {
  const hidden = secretsOf(command.name, args);
  if (hidden.length === 0) return args;
  return args.detach().set(Array.from({ length: args.count }, (_, i) => (hidden.includes(i) ? HIDDEN : args.copy(i))));
}

function secretsOf(name: string, args: Args): number[] {
  const from = (first: number) => Array.from({ length: Math.max(args.count - first, 0) }, (_, i) => first + i);
  if (name === 'acl|setuser') return from(2);
  if (name === 'auth') return args.count > 3 ? [] : from(1);
  if (name === 'hello') {
    for (let i = 2; i + 2 < args.count; i++) {
      if (args.is(i, 'auth')) return [i + 1, i + 2];
      if (args.is(i, 'setname')) i++;
    }
  } else if (name === 'migrate') {
    for (let i = 6; i < args.count; i++) {
      if (args.is(i, 'auth')) return [i + 1].filter((at) => at < args.count);
      if (args.is(i, 'auth2')) return [i + 1, i + 2].filter((at) => at < args.count);
    }
  } else if (name === 'config|set') {
    return from(2).filter((i) => i % 2 === 1 && SECRET_SETTINGS.has(args.text(i - 1).toLowerCase()));
  }
  return [];
}

const SECRET_SETTINGS = new Set(['requirepass', 'masterauth', 'masteruser', 'tls-key-file-pass', 'tls-client-key-file-pass']);
