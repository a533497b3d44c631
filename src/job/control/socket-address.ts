import { open } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes of a socket's address that every system takes; Linux takes 107, macOS 103. */
const longestPath = 100;

/** An address that a socket can be bound or connected to, as long as it is open. */
export interface SocketAddress extends AsyncDisposable {
  readonly address: string;
}

/**
 * The address of the socket `name` in a folder. An address holds about a hundred bytes and folders have longer paths;
 * there it goes through Linux's /proc, by a handle on the folder.
 */
export async function openSocketAddress(dir: string, name: string): Promise<SocketAddress> {
  const path = join(dir, name);
  if (Buffer.byteLength(path) <= longestPath)
    return { address: path, [Symbol.asyncDispose]: () => Promise.resolve() };
  const folder = await open(dir);
  return {
    address: `/proc/self/fd/${folder.fd}/${name}`,
    [Symbol.asyncDispose]: () => folder.close(),
  };
}
