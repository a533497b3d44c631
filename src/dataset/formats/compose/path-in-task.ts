import path from 'node:path';
import type { ComposeSource } from '../../compose.js';

/** A path that a compose file names, below the task's folder; null when it leads out of it. */
export function pathInTask({ file, taskDir }: ComposeSource, written: string): string | null {
  const absolute = path.resolve(path.dirname(file), written);
  return absolute === taskDir || absolute.startsWith(taskDir + path.sep) ? absolute : null;
}
