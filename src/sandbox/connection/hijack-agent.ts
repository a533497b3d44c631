import { Agent, type ClientRequestArgs } from 'node:http';
import { connect, type Socket } from 'node:net';
import { isListening } from './demultiplex.js';

const readBytes = 64 * 1024;

/**
 * Connections that become raw streams. They are read into one buffer for all of them instead of a new one a read: a flood of
 * a gigabyte would else leave tens of megabytes to the garbage collector. What a raw connection's `data` listener
 * gets is valid only during the call.
 */
export class HijackAgent extends Agent {
  private readonly buffer = Buffer.allocUnsafeSlow(readBytes);
  private readonly raw = new WeakSet<Socket>();

  constructor() {
    super({ keepAlive: false });
  }

  /** From here on the connection's listener is one that copies what it keeps. */
  markRaw(socket: Socket): void {
    this.raw.add(socket);
  }

  override createConnection(options: ClientRequestArgs): Socket {
    const callback = (bytes: number): boolean => this.deliver(socket, this.buffer.subarray(0, bytes));
    const socket: Socket = connect({
      path: options.socketPath ?? '',
      onread: { buffer: this.buffer, callback },
    });
    return socket;
  }

  /** Returns whether more is wanted. */
  private deliver(socket: Socket, bytes: Buffer): boolean {
    if (!isListening(socket) || !this.raw.has(socket)) return socket.push(Buffer.from(bytes));
    socket.emit('data', bytes);
    return !socket.isPaused();
  }
}
