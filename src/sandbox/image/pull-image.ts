import { sleep } from '../../base/deadline.js';
import { ImageError } from '../../base/errors.js';
import type { EngineClient } from '../connection/engine-client.js';
import { EngineCallError } from '../connection/engine-error.js';
import { fullImageName, parseImageReference } from './image-reference.js';
import { readProgress } from './progress-stream.js';
import { findCredentials } from './registry-auth.js';

export interface PullOptions {
  readonly client: EngineClient;
  /** Files that may hold credentials, in order. */
  readonly authFiles: readonly string[];
  /** Waits before the second, third ... try while the registry says "too many requests". */
  readonly backOffMs: readonly number[];
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (line: string) => void;
}

/** Docker Hub counts pulls in six-hour windows; a minute or two helps only against short bursts. */
export const defaultBackOffMs: readonly number[] = [5_000, 20_000, 60_000];

/** Pulls an image, waiting and trying again while the registry limits the rate. Throws ImageError with a hint. */
export async function pullImage(reference: string, options: PullOptions): Promise<void> {
  const name = fullImageName(reference);
  const { registry, repository } = parseImageReference(reference);
  const credentials = await findCredentials(`${registry}/${repository}`, options.authFiles);
  await withBackOff(`pull ${name}`, options, async () => {
    const { client, signal } = options;
    const auth = credentials === null ? {} : { registryAuth: credentials };
    const query = { fromImage: name };
    const what = `pull image ${name}`;
    try {
      const stream = await client.stream({
        method: 'POST',
        path: '/images/create',
        query,
        ...auth,
        signal,
        what,
      });
      const { error } = await readProgress(stream, options.onProgress);
      if (error !== null) throw pullError(name, error, credentials !== null);
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      // Some engines answer a failed pull with a status, others with a line of progress.
      if (!(error instanceof EngineCallError) || error.isUnreachable) throw error;
      throw pullError(name, error.said, credentials !== null);
    }
  });
}

/** Repeats `pull` while it fails for the registry's rate limit. */
export async function withBackOff(
  what: string,
  options: Pick<PullOptions, 'backOffMs' | 'signal' | 'onProgress'>,
  pull: () => Promise<void>,
): Promise<void> {
  for (const waitMs of options.backOffMs) {
    try {
      await pull();
      return;
    } catch (error) {
      if (options.signal?.aborted === true || !(error instanceof Error) || !isRateLimit(error.message))
        throw error;
      options.onProgress(`${what}: the registry limits the rate; next try in ${Math.round(waitMs / 1000)} s`);
      await sleep(waitMs, options.signal);
    }
  }
  await pull();
}

function isRateLimit(message: string): boolean {
  return /toomanyrequests|too many requests|\b429\b|rate limit/i.test(message);
}

function pullError(name: string, said: string, hadCredentials: boolean): ImageError {
  return new ImageError(`cannot pull ${name}: ${said.trim()}`, {
    hint: pullHint(said, hadCredentials),
    isFinal: !isRateLimit(said) && (isRefused(said) || isUnknown(said)),
  });
}

function isRefused(said: string): boolean {
  return /unauthorized|authentication|denied|forbidden/i.test(said);
}

function isUnknown(said: string): boolean {
  return /not found|manifest unknown|name unknown/i.test(said);
}

function pullHint(said: string, hadCredentials: boolean): string {
  if (isRateLimit(said))
    return 'the registry limits anonymous pulls: log in with `podman login`, or pull the image by hand later';
  if (isRefused(said)) {
    return hadCredentials
      ? 'the stored credentials were refused: `podman login` again'
      : 'log in with `podman login REGISTRY`, or check the name';
  }
  if (isUnknown(said)) return "check the name; with --force-build the task's own Dockerfile is built instead";
  return "no registry in reach? Load the image by hand (`podman load`, `podman tag`), or build the task's own Dockerfile with --force-build";
}
