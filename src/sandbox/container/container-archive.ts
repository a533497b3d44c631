import type { Readable } from 'node:stream';
import type { EngineClient } from '../connection/engine-client.js';
import { EngineCallError } from '../connection/engine-error.js';
import type { ContainerStreams, PathStat } from '../container-streams.js';
import { statBelow } from '../files/hostile-folder.js';
import { parsePathStat, pathStatHeader, pathStatOf } from '../files/path-stat.js';
import type { HostView } from './limits/host-view.js';

/** A container's files through the engine's archive calls. The engine is not asked for what this machine sees itself. */
export function containerArchive(
  client: EngineClient,
  container: { readonly id: string; readonly label: string; readonly host: HostView },
): Pick<ContainerStreams, 'putArchive' | 'getArchive' | 'statPath'> {
  const { label, host } = container;
  const archive = `/containers/${container.id}/archive`;

  const statByEngine = async (path: string, signal?: AbortSignal): Promise<PathStat | null> => {
    const call = { path: archive, query: { path }, signal, what: `stat ${path} of sandbox ${label}` };
    const answer = await missingIsNull(path, () => client.stream({ method: 'HEAD', ...call }));
    if (answer === null) return null;
    answer.resume();
    return parsePathStat((answer as Readable & { headers: Record<string, unknown> }).headers[pathStatHeader]);
  };

  return {
    putArchive: async (path, tar, signal) => {
      const what = `put files into ${path} of sandbox ${label}`;
      await client.send({ method: 'PUT', path: archive, query: { path }, file: tar, signal, what });
    },
    getArchive: (path, signal) => {
      const call = { path: archive, query: { path }, signal, what: `read ${path} of sandbox ${label}` };
      return missingIsNull(path, () => client.stream({ method: 'GET', ...call }));
    },
    statPath: async (path, signal) => {
      const root = await host.root();
      // Where the host cannot look, the engine tells what is wrong with a path or a container.
      const seen = root === null ? 'link' : await statBelow(root, path).catch(() => 'link' as const);
      if (seen === 'link') return statByEngine(path, signal);
      return seen === null ? null : pathStatOf(seen);
    },
  };
}

/** A 404 about the path is an answer; a 404 about the container is an error. */
async function missingIsNull<T>(path: string, call: () => Promise<T>): Promise<T | null> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof EngineCallError && error.status === 404 && !isMissingContainer(error, path))
      return null;
    throw error;
  }
}

function isMissingContainer(error: EngineCallError, path: string): boolean {
  return /no such container|no container with/i.test(error.message.replaceAll(path, ''));
}
