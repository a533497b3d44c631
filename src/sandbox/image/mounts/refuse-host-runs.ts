import { TaskError } from '../../../base/errors.js';
import { readForeignFile } from '../../../base/foreign-file.js';
import type { BuildContext } from '../build-context.js';
import { maxDockerfileBytes } from './refuse-mounts.js';
import { runFlags, UnjudgedDockerfile } from './run-flags.js';

/**
 * Throws TaskError when a Dockerfile asks for the host's network, or for all privileges, for one of its lines: podman 4.3 knows
 * no such flag, and newer ones may give it to whoever asks, whatever network the build has.
 */
export async function refuseHostRuns({ dir, dockerfile }: BuildContext): Promise<void> {
  const found = await readForeignFile(dir, dockerfile, { maxBytes: maxDockerfileBytes, links: 'inside' });
  // What cannot be read here is told by who builds; a link that leads outside is none in the engine's copy.
  if (found.kind !== 'file') return;
  const reason = hostRunRefusal(found.value.toString('latin1'));
  if (reason !== null) throw new TaskError(`will not build ${dockerfile} of ${dir}: ${reason}`);
}

/** Why a Dockerfile (bytes as latin1) must not be built; null when nothing speaks against it. */
export function hostRunRefusal(text: string): string | null {
  try {
    const odd = [...runFlags(text)].find(asksForHost);
    return odd === undefined ? null : `RUN ${odd.slice(0, 200)} can reach the host`;
  } catch (error) {
    if (error instanceof UnjudgedDockerfile) return error.message;
    throw error;
  }
}

/** A flag whose name is not plain letters may become any other. */
function asksForHost(flag: string): boolean {
  const [, name = ''] = /^--([a-z]+)(?==|$)/.exec(flag) ?? [];
  if (name === 'network') return !/^--network=(?:none|default)$/.test(flag);
  if (name === 'security') return flag !== '--security=sandbox';
  return name === '';
}
