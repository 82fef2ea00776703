/**
 * Writes to a socket the short way: one call that hands the bytes to the kernel, which nearly always takes them at once.
 *
 *   write ──▶ the kernel took all: the caller may reuse its buffer
 *         ──▶ it took a part: the rest is queued by libuv, and the buffer must stay as it is until `oncomplete`
 *
 * Node's stream on top of that call costs about a microsecond a write and must own the bytes, so every reply would be
 * copied. The call is reached through the handle and Node's own request type; where they are not found the stream does it.
 * Encrypted connections have their own way: encrypted-writer.ts.
 */
import type { Socket } from 'node:net';
import { EncryptedWriter } from './encrypted-writer';

interface WriteRequest {
  oncomplete?: (status: number) => void;
  /** Kept alive, and unchanged, until the request is complete. */
  bytes?: Buffer;
}

export interface StreamHandle {
  writeBuffer?: (request: WriteRequest, bytes: Buffer) => number;
  writeQueueSize?: number;
}

export interface StreamBinding {
  WriteWrap: new () => WriteRequest;
  streamBaseState: ArrayLike<number>;
  kLastWriteWasAsync: number;
}

function findBinding(): StreamBinding | undefined {
  try {
    const { binding } = process as unknown as { binding: (name: string) => StreamBinding };
    const found = binding.call(process, 'stream_wrap');
    return typeof found.WriteWrap === 'function' && typeof found.kLastWriteWasAsync === 'number' ? found : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined where Node has it no more. */
export const streams = findBinding();

export class SocketWriter {
  private readonly socket: Socket;
  private readonly handle: StreamHandle | undefined;
  private readonly encrypted: EncryptedWriter | undefined;
  /** Called when bytes that were queued have gone. */
  private readonly drained: () => void;
  private request: WriteRequest | undefined;

  constructor(socket: Socket, drained: () => void) {
    this.socket = socket;
    this.drained = drained;
    const handle = (socket as unknown as { _handle?: StreamHandle | null })._handle ?? undefined;
    const isEncrypted = (socket as { encrypted?: boolean }).encrypted === true;
    if (streams !== undefined && typeof handle?.writeBuffer === 'function') {
      if (isEncrypted) this.encrypted = new EncryptedWriter(socket, handle, streams, drained);
      else this.handle = handle;
    } else socket.on('drain', drained);
  }

  /** Bytes that the kernel has not taken. */
  get pendingBytes(): number {
    if (this.handle !== undefined) return this.handle.writeQueueSize ?? 0;
    return this.encrypted?.pendingBytes ?? this.socket.writableLength;
  }

  /** Closes once everything is sent. */
  destroySoon(): void {
    if (this.encrypted === undefined) this.socket.destroySoon();
    else this.encrypted.destroySoon();
  }

  /** Writes; false means that the buffer belongs to the writer from now on. A broken connection shows as the socket's `close`. */
  write(bytes: Buffer): boolean {
    const { handle } = this;
    if (handle === undefined || streams === undefined) return this.encrypted?.write(bytes) ?? this.writeToStream(bytes);
    if (this.socket.destroyed) return true;
    const request = (this.request ??= new streams.WriteWrap());
    const error = handle.writeBuffer!(request, bytes);
    if (error !== 0) {
      this.socket.destroy();
      return true;
    }
    if (streams.streamBaseState[streams.kLastWriteWasAsync] === 0) return true;
    this.request = undefined;
    request.bytes = bytes;
    request.oncomplete = (status) => {
      if (status < 0) this.socket.destroy();
      else this.drained();
    };
    return false;
  }

  private writeToStream(bytes: Buffer): boolean {
    this.socket.write(bytes);
    return false;
  }
}
