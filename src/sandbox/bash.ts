import type { ContainerStreams } from './container-streams.js';
import type { Sandbox } from './sandbox.js';

/**
 * The argv that runs a bash program in a sandbox, with bash by the path it had before the agent, who decides what PATH finds
 * later. An image without bash runs it by its sh.
 */
export function bash(
  { bashPath }: Pick<Sandbox, 'bashPath'>,
  program: string,
  args: readonly string[] = [],
  name = 'bash',
): readonly string[] {
  return [bashPath ?? '/bin/sh', '-c', program, name, ...args];
}

/** Where bash lies in a container that no agent has been in, in the usual place or on the image's PATH; null when nowhere. */
export async function findBash(
  streams: Pick<ContainerStreams, 'statPath'>,
  searchPath: string,
  signal?: AbortSignal,
): Promise<string | null> {
  const folders = new Set([
    '/bin',
    '/usr/bin',
    ...searchPath.split(':').filter((folder) => folder.startsWith('/')),
  ]);
  for (const folder of folders) {
    const path = `${folder.replace(/\/$/, '')}/bash`;
    const found = await streams.statPath(path, signal);
    if (found !== null && found.kind !== 'directory') return path;
  }
  return null;
}
