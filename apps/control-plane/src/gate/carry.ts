// Carries the bytes of a client to its store and back, where the connection itself cannot be handed over (hand-over.ts).
//
//   read into the direction's own buffer ─▶ one call that hands it to the kernel ─▶ all taken: read on
//                                                                               ─▶ a part: reading rests until the rest has gone
//
// Node's streams would cost a fresh 64 KiB per read and about a microsecond more per read and per write. Nothing is looked at, nothing queued: what
// waits is at most one buffer each way, and the kernel's own.
//
// Invariant: an end of one side is passed on as an end; what was asked before it is still answered. Both sides close when both have
// ended, and at once when either breaks.
import type { Socket } from 'node:net';
import { endOfStream, handleOf, streams, type Handle, type WriteRequest } from './streams.ts';

/** Untouched pages of it cost nothing. */
const bufferBytes = 64 * 1024;

export function carry(client: Socket, store: Socket): void {
  const [near, far] = [handleOf(client), handleOf(store)];
  if (streams === undefined || near === undefined || far === undefined) {
    client.pipe(store);
    store.pipe(client);
    client.resume();
    return;
  }
  let ended = 0;
  const passEnd = (to: Socket): void => {
    ended += 1;
    if (ended < 2) return void to.end();
    client.destroySoon();
    store.destroySoon();
  };
  carryOneWay(near, far, client, store, passEnd);
  carryOneWay(far, near, store, client, passEnd);
}

function carryOneWay(from: Handle, to: Handle, source: Socket, sink: Socket, passEnd: (to: Socket) => void): void {
  const { streamBaseState, kReadBytesOrError, kLastWriteWasAsync, WriteWrap } = streams!;
  const buffer = Buffer.allocUnsafeSlow(bufferBytes);
  const breakOff = (): void => {
    source.destroy();
    sink.destroy();
  };
  let request: WriteRequest = new WriteWrap();
  from.useUserBuffer(buffer);
  from.onread = () => {
    const length = streamBaseState[kReadBytesOrError]!;
    if (length === 0 || source.destroyed) return;
    if (length < 0) return length === endOfStream ? passEnd(sink) : breakOff();
    if (sink.destroyed) return breakOff();
    request.held = undefined;
    if (to.writeBuffer(request, buffer.subarray(0, length)) !== 0) return breakOff();
    if (streamBaseState[kLastWriteWasAsync] === 0) return;
    from.readStop();
    request.oncomplete = (status) => {
      if (status < 0) breakOff();
      else if (!source.destroyed) from.readStart();
    };
    request = new WriteWrap();
  };
  from.reading = true; // or Node's stream would begin to read as well
  from.readStart();
}
