import { basename, dirname } from 'node:path';
import { DeadlineReached, openDeadline } from '../../base/deadline.js';
import { ImageError } from '../../base/errors.js';
import { readForeignFile } from '../../base/foreign-file.js';
import { buildFailure } from './build-failure.js';
import { packContext, type BuildContext } from './build-context.js';
import type { PullPolicy } from '../../record/run-spec.js';
import { EngineCallError } from '../connection/engine-error.js';
import { builtLabel } from '../cleanup/labels.js';
import { maxDockerfileBytes } from './refuse-mounts.js';
import { readProgress, type ProgressOutcome } from './progress-stream.js';
import { withBackOff, type PullOptions } from './pull-image.js';

export interface BuildOptions extends PullOptions {
  readonly tag: string;
  /** For the images that the Dockerfile names. */
  readonly pull: PullPolicy;
  readonly timeoutMs: number;
}

/** `localhost/tbench/<task>:<digest>`: a context builds once, whoever asks, until its content changes. */
export function builtTag(contextDir: string, digest: string): string {
  const folder =
    basename(contextDir) === 'environment' ? basename(dirname(contextDir)) : basename(contextDir);
  const slug = folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 60);
  return `localhost/tbench/${slug === '' ? 'task' : slug}:${digest.slice(0, 16)}`;
}

/**
 * Builds through the engine. Throws TaskError with the end of the output when the Dockerfile fails, ImageError when
 * something else does, and after `timeoutMs`.
 */
export async function buildImage(context: BuildContext, options: BuildOptions): Promise<void> {
  await withBackOff(`build ${options.tag}`, options, async () => {
    using deadline = openDeadline(options.timeoutMs, options.signal);
    const outcome = await runBuild(context, options, deadline.signal).catch((error: unknown) => {
      const isLate = deadline.signal.reason instanceof DeadlineReached && options.signal?.aborted !== true;
      const isRefused = error instanceof EngineCallError && !error.isUnreachable;
      if (!isLate && isRefused) return { error: error.said, lastLines: [] };
      if (!isLate) throw error;
      throw new ImageError(`building ${context.dir} took longer than ${options.timeoutMs / 1000} s`, {
        isFinal: true,
        hint: 'raise build_timeout_sec in the task, or --timeout-multiplier',
      });
    });
    if (outcome.error !== null)
      throw buildFailure({ ...context, text: await dockerfileText(context) }, outcome);
  });
}

async function runBuild(
  context: BuildContext,
  options: BuildOptions,
  signal: AbortSignal,
): Promise<ProgressOutcome> {
  const query = {
    t: options.tag,
    dockerfile: context.dockerfile,
    labels: JSON.stringify({ [builtLabel]: '1' }),
    rm: 'true',
    forcerm: 'true',
    ...(options.pull === 'always' ? { pull: 'true' } : {}),
    ...(options.pull === 'never' ? { pullpolicy: 'never' } : {}),
  };
  const stream = await options.client.stream({
    method: 'POST',
    path: '/build',
    query,
    file: packContext(context),
    signal,
    what: `build ${context.dir}`,
  });
  try {
    return await readProgress(stream, options.onProgress);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
}

/** For the hint only: what cannot be read, or is no file, has failed the build itself. */
async function dockerfileText({ dir, dockerfile }: BuildContext): Promise<string> {
  const file = await readForeignFile(dir, dockerfile, { maxBytes: maxDockerfileBytes, links: 'inside' });
  return file.kind === 'file' ? file.value.toString('latin1') : '';
}
