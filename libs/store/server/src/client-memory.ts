/** What a client's buffers take. */
import type { Connection } from './connection';

/** Objects of a connection and of each queued command, roughly. */
const CONNECTION_BYTES = 2048;
const QUEUED_BYTES = 128;

export function queuedBytes(session: Connection): number {
  let bytes = 0;
  for (const { args } of session.queue) bytes += args.buf.length + QUEUED_BYTES;
  return bytes;
}

export function clientBytes(session: Connection): number {
  let names = 0;
  for (const listened of [session.channels, session.patterns, session.shardChannels]) names += listened.size * QUEUED_BYTES;
  return CONNECTION_BYTES + session.outputBytes + session.queryRoom + queuedBytes(session) + names;
}
