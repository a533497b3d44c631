import { TaskError } from '../../../base/errors.js';
import { readForeignFile } from '../../../base/foreign-file.js';
import type { BuildContext } from '../build-context.js';
import { maxDockerfileBytes, UnjudgedDockerfile } from './instructions.js';

/** The text of a context's Dockerfile, bytes as latin1. Throws TaskError for one that cannot be read, and so not be judged. */
export async function readDockerfile({ dir, dockerfile }: BuildContext): Promise<string> {
  const found = await readForeignFile(dir, dockerfile, { maxBytes: maxDockerfileBytes, links: 'inside' });
  if (found.kind === 'file') return found.value.toString('latin1');
  throw willNotBuild(dir, dockerfile, `it ${found.kind === 'missing' ? 'is not there' : found.reason}`);
}

/** What is thrown for a Dockerfile that could do to the host what none may. */
export function willNotBuild(dir: string, dockerfile: string, reason: string, hint?: string): TaskError {
  return new TaskError(
    `will not build ${dockerfile} of ${dir}: ${reason}`,
    hint === undefined ? {} : { hint },
  );
}

/** The reason that a judge finds, or that there is none to be found in reasonable time; null when nothing speaks against a Dockerfile. */
export function judged(judge: () => string | null): string | null {
  try {
    return judge();
  } catch (error) {
    if (error instanceof UnjudgedDockerfile) return error.message;
    throw error;
  }
}
