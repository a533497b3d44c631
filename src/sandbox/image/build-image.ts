import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path';
import { DeadlineReached, openDeadline } from '../../base/deadline.js';
import { readForeignFile } from '../../base/foreign-file.js';
import { buildFailure, lateBuild, linesShown, stumbles } from './build-failure.js';
import { packContext, type BuildContext } from './build-context.js';
import type { BuildCgroup } from './build-cgroup.js';
import type { BuildNetwork } from './build-network.js';
import type { BuildLimits } from './build-limits.js';
import type { PullPolicy } from '../../record/run-spec.js';
import { EngineCallError } from '../connection/engine-error.js';
import { builtLabel } from '../cleanup/labels.js';
import { maxDockerfileBytes } from './mounts/instructions.js';
import { readProgress, type ProgressOutcome } from './progress-stream.js';
import { withBackOff, type PullOptions } from './pull-image.js';

export interface BuildOptions extends PullOptions {
  readonly tag: string;
  readonly target: string | null;
  readonly buildArgs: Readonly<Record<string, string>>;
  /** For the images that the Dockerfile names. */
  readonly pull: PullPolicy;
  /** Why an image that the Dockerfile seems to name could not be had; the reason if the build then fails. */
  readonly missing?: Error | null;
  readonly timeoutMs: number;
  readonly limits: BuildLimits;
  /** See `openBuildCgroup`. */
  readonly openCgroup: (pids: number) => Promise<BuildCgroup>;
  /** See `openBuildNetwork`. */
  readonly openNetwork: (signal?: AbortSignal) => Promise<BuildNetwork>;
  /** Told what a reader of the record should know. */
  readonly onWarning?: ((line: string) => void) | undefined;
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

/** A context built to another stage, or with other arguments, is another image. */
export function optionsDigest(
  digest: string,
  options: { readonly target: string | null; readonly buildArgs: Readonly<Record<string, string>> },
): string {
  if (options.target === null && Object.keys(options.buildArgs).length === 0) return digest;
  return createHash('sha256')
    .update(JSON.stringify([digest, options]))
    .digest('hex');
}

/**
 * Builds through the engine. Throws TaskError with the end of the output when the Dockerfile fails or runs into a limit of
 * builds, `timeoutMs` among them; ImageError when something else does.
 */
export async function buildImage(context: BuildContext, options: BuildOptions): Promise<void> {
  await withBackOff(`build ${options.tag}`, options, async () => {
    await using network = await options.openNetwork(options.signal);
    await using cgroup = await options.openCgroup(options.limits.pids);
    using deadline = openDeadline(options.timeoutMs, options.signal);
    const lastLines: string[] = [];
    const onProgress = (line: string): void => {
      lastLines.push(line);
      if (lastLines.length > linesShown) lastLines.shift();
      options.onProgress(line);
    };
    const own = { onProgress, cgroupParent: cgroup.parent, networkPath: network.path };
    const build = (): Promise<ProgressOutcome> => runBuild(context, { ...options, ...own }, deadline.signal);
    const outcome = await repeatStumbles(build).catch((error: unknown) => {
      const isLate = deadline.signal.reason instanceof DeadlineReached && options.signal?.aborted !== true;
      const isRefused = error instanceof EngineCallError && !error.isUnreachable;
      if (!isLate && isRefused) return { error: error.said, lastLines: [] };
      if (!isLate) throw error;
      throw lateBuild(context.dir, options.timeoutMs, lastLines);
    });
    if (network.refusal !== null)
      options.onWarning?.(
        `network: the build of ${options.tag} could reach this machine's own addresses (${network.refusal})`,
      );
    if (cgroup.refusal !== null)
      options.onWarning?.(
        `processes: the build of ${options.tag} could have had any number of them (${cgroup.refusal})`,
      );
    if (outcome.error === null) return;
    const [text, peakBytes] = [await dockerfileText(context), await cgroup.peakBytes()];
    throw options.missing ?? buildFailure({ ...context, text, limits: options.limits, peakBytes }, outcome);
  });
}

const mostBuilds = 3;

/** Builds again when podman stumbled over itself, which happens while much else comes and goes in it. */
async function repeatStumbles(build: () => Promise<ProgressOutcome>): Promise<ProgressOutcome> {
  for (let left = mostBuilds - 1; ; left -= 1) {
    const outcome = await build();
    if (left === 0 || outcome.error === null || !stumbles.test(outcome.error)) return outcome;
  }
}

async function runBuild(
  context: BuildContext,
  options: BuildOptions & { readonly cgroupParent: string | null; readonly networkPath: string | null },
  signal: AbortSignal,
): Promise<ProgressOutcome> {
  const { memoryBytes } = options.limits;
  const { networkPath } = options;
  const network = { Name: 'network', Host: false, ...(networkPath === null ? {} : { Path: networkPath }) };
  const query = {
    t: options.tag,
    dockerfile: context.dockerfile,
    labels: JSON.stringify({ [builtLabel]: '1' }),
    ...(options.target === null ? {} : { target: options.target }),
    // podman's cache of layers does not see that the argument behind an ENV is another one, and gives the image of that.
    ...(Object.keys(options.buildArgs).length === 0
      ? {}
      : { buildargs: JSON.stringify(options.buildArgs), nocache: 'true' }),
    rm: 'true',
    forcerm: 'true',
    ...(memoryBytes === null ? {} : { memory: String(memoryBytes), memswap: String(memoryBytes) }),
    ...(options.cgroupParent === null ? {} : { cgroupparent: options.cgroupParent }),
    // podman's API builds in the host's own network unless told otherwise, where a RUN reaches 127.0.0.1. Docker knows no such word.
    nsoptions: JSON.stringify([network]),
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
