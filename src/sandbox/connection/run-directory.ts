import { lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentError } from '../../base/errors.js';
import type { HostVariables } from '../../base/host-variables.js';

/**
 * The user's own folder for the service's socket and the locks: below XDG_RUNTIME_DIR, else in the temporary folder,
 * where somebody else could have made one of that name to listen in. Throws EnvironmentError when it is not ours alone.
 */
export async function openRunDirectory(env: HostVariables, uid: number): Promise<string> {
  const runtimeDir = env['XDG_RUNTIME_DIR'];
  const isUsable = runtimeDir !== undefined && runtimeDir !== '';
  const dir = isUsable ? join(runtimeDir, 'tbench') : join(tmpdir(), `tbench-${uid}`);
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const found = await lstat(dir);
    if (found.isDirectory() && found.uid === uid && (found.mode & 0o077) === 0) return dir;
  } catch (error) {
    throw new EnvironmentError(`cannot make the folder ${dir} for sockets and locks`, {
      hint: 'set XDG_RUNTIME_DIR to a folder of your own',
      cause: error,
    });
  }
  throw new EnvironmentError(`${dir} is not a folder that only user ${uid} may enter`, {
    hint: `remove it, or set XDG_RUNTIME_DIR to a folder of your own`,
  });
}
