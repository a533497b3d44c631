import type { Socket } from 'node:net';
import { onAbort } from '../../base/deadline.js';

/** The first line that comes over a connection, without its line break; null where none of `maxBytes` comes. */
export function readLine(
  socket: Socket,
  { maxBytes, signal }: { readonly maxBytes: number; readonly signal: AbortSignal },
): Promise<string | null> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let size = 0;
    const end = (line: string | null): void => {
      resolve(line);
      queueMicrotask(() => listener[Symbol.dispose]());
    };
    socket.on('data', (part: Buffer) => {
      const at = part.indexOf('\n');
      parts.push(at < 0 ? part : part.subarray(0, at));
      size += part.length;
      if (at >= 0) end(Buffer.concat(parts).toString('utf8'));
      else if (size > maxBytes) end(null);
    });
    socket.on('close', () => end(null));
    socket.on('error', () => end(null));
    const listener = onAbort(signal, () => end(null));
  });
}
