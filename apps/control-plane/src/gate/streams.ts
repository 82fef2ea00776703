// The short ways into Node's sockets that the data path takes, and what they are called.
//
// Invariant: everything here is optional. Where a Node has it no more, `streams` is undefined and callers do it the long way.
import type { Socket } from 'node:net';

export interface WriteRequest {
  oncomplete?: (status: number) => void;
  /** Kept alive until the request is complete. */
  held?: unknown;
}

/** What is below a net.Socket. */
export interface Handle {
  reading: boolean;
  onread: (bytes?: ArrayBuffer) => void;
  readStart(): number;
  readStop(): number;
  useUserBuffer(buffer: Uint8Array): void;
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
}

export interface IpcHandle extends Handle {
  connect(request: { oncomplete?: (status: number) => void }, path: string): number;
  /** A write that gives a connection away with its bytes; needs at least one. */
  writeLatin1String(request: WriteRequest, text: string, handle: Handle): number;
  close(): void;
}

interface Streams {
  readonly WriteWrap: new () => WriteRequest;
  readonly streamBaseState: ArrayLike<number>;
  readonly kLastWriteWasAsync: number;
  readonly kReadBytesOrError: number;
  readonly Pipe: new (kind: number) => IpcHandle;
  readonly PipeConnectWrap: new () => { oncomplete?: (status: number) => void };
}

export const pipeForHandles = 2;
/** What `onread` is told at the end of a stream. */
export const endOfStream = -4095;

function find(): Streams | undefined {
  try {
    const { binding } = process as unknown as { binding: (name: string) => Streams };
    const { WriteWrap, streamBaseState, kLastWriteWasAsync, kReadBytesOrError } = binding.call(process, 'stream_wrap');
    const { Pipe, PipeConnectWrap } = binding.call(process, 'pipe_wrap');
    const all = { WriteWrap, streamBaseState, kLastWriteWasAsync, kReadBytesOrError, Pipe, PipeConnectWrap };
    return Object.values(all).every((each) => each !== undefined) ? all : undefined;
  } catch {
    return undefined;
  }
}

export const streams = find();

export function handleOf(socket: Socket): Handle | undefined {
  const handle = (socket as unknown as { _handle?: Partial<Handle> | null })._handle;
  return typeof handle?.useUserBuffer === 'function' && typeof handle.writeBuffer === 'function' ? (handle as Handle) : undefined;
}
