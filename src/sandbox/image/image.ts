import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { describeError, ImageError } from '../../base/errors.js';
import { baseImageOf } from './base-image.js';
import { sharedFailure } from './build-failure.js';
import { contextDigest, loadBuildContext, type BuildContext } from './build-context.js';
import { openBuildCgroup } from './build-cgroup.js';
import { openBuildNetwork, type BuildNetworkEngine } from './build-network.js';
import { buildLimits } from './build-limits.js';
import { buildImage, builtTag, optionsDigest } from './build-image.js';
import { judgeBases } from './mounts/judge-bases.js';
import { judgeDockerfile } from './mounts/judge-dockerfile.js';
import type { EngineInfo, Image, ImageOptions, ImageSource } from '../container-engine.js';
import type { EngineClient } from '../connection/engine-client.js';
import { EngineCallError } from '../connection/engine-error.js';
import { inspectImage } from '../connection/inspect-image.js';
import type { ImageFailures } from './image-failures.js';
import { fullImageName } from './image-reference.js';
import type { NetworkGuard } from '../network/network-guard.js';
import type { ImageUses } from '../cleanup/image-uses.js';
import { waitForFileLock } from '../../base/files/file-lock.js';
import { pullImage, type PullOptions } from './pull-image.js';

/** What images need beside the engine. One per engine: it remembers what was fetched. */
export interface ImageContext {
  readonly client: EngineClient;
  readonly authFiles: readonly string[];
  readonly backOffMs: readonly number[];
  readonly info: EngineInfo;
  /** Whether the engine's processes are this machine's. */
  readonly isLocal: boolean;
  readonly network: NetworkGuard;
  /** Folder of the locks that serialize pulls and builds across processes. */
  readonly lockDir: string;
  /** Pulled or built by this process: `always` and `--force-build` mean once a job, not once a trial. */
  readonly fetched: Map<string, Image>;
  /** Looked up: all trials of a job get the same image, even if somebody moves the tag meanwhile. */
  readonly found: Map<string, Image>;
  /** What built images stand on, by their ids. */
  readonly bases: Map<string, string | null>;
  /** When each was last used on this machine, for whoever makes room. */
  readonly uses: ImageUses;
  /** Those that could not be had. */
  readonly failures: ImageFailures;
}

const imageAnswer = z.object({ Id: z.string(), RepoDigests: z.array(z.string()).nullish() });

/** Makes sure that an image is here: found, pulled, or built. Throws ImageError with what to do, TaskError for a Dockerfile that fails. */
export async function ensureImage(
  context: ImageContext,
  source: ImageSource,
  options: ImageOptions,
): Promise<Image> {
  const image = await findOrMake(context, source, options);
  await context.uses.note(image.id, { isFetched: false });
  return image;
}

async function findOrMake(context: ImageContext, source: ImageSource, options: ImageOptions): Promise<Image> {
  const { reference, buildContext } = source;
  if (reference === null || (options.forceBuild && buildContext !== null))
    return build(context, source, options);
  try {
    return await pull(context, reference, options);
  } catch (error) {
    if (buildContext === null || !(error instanceof ImageError) || options.pull === 'always') throw error;
    options.onProgress?.(
      `${describeError(error).split('\n')[0] ?? ''}; building the task's Dockerfile instead`,
    );
    const image = await build(context, source, options);
    // The other trials of this job need not ask the registry again.
    context.fetched.set(reference, image);
    return image;
  }
}

/** The image as the engine has it now, or null. A short name also finds docker.io's image of that name. */
export async function localImage(
  client: EngineClient,
  reference: string,
  signal?: AbortSignal,
): Promise<Image | null> {
  for (const name of new Set([reference, fullImageName(reference)])) {
    try {
      const { Id: id, RepoDigests: digests } = await inspectImage(client, name, imageAnswer, { signal });
      const digest = digests?.map((entry) => entry.slice(entry.indexOf('@') + 1))[0] ?? null;
      return { reference, id: id.startsWith('sha256:') ? id : `sha256:${id}`, digest };
    } catch (error) {
      if (!(error instanceof EngineCallError) || error.status !== 404) throw error;
    }
  }
  return null;
}

export async function imageBytes(client: EngineClient, id: string): Promise<number> {
  return (await inspectImage(client, id, z.object({ Size: z.number() }))).Size;
}

/** Removes an image by name; one that is gone already is fine. */
export async function removeImage(client: EngineClient, reference: string): Promise<void> {
  try {
    const query = { force: 'true' };
    await client.send({
      method: 'DELETE',
      path: `/images/${reference}`,
      query,
      what: `remove image ${reference}`,
    });
  } catch (error) {
    if (!(error instanceof EngineCallError) || error.status !== 404) throw error;
  }
}

async function pull(context: ImageContext, reference: string, options: ImageOptions): Promise<Image> {
  const find = (): Promise<Image | null> => localImage(context.client, reference, options.signal);
  const named = { name: reference, content: reference };
  if (options.pull === 'always')
    return fetchOnce(context, named, options, () => pullImage(reference, pullOptions(context, options)));
  const found = context.fetched.get(reference) ?? context.found.get(reference) ?? (await find());
  if (found !== null) {
    context.found.set(reference, found);
    return found;
  }
  if (options.pull === 'never') {
    throw new ImageError(`image ${reference} is not here, and --pull never forbids to fetch it`, {
      isFinal: true,
      hint: `podman pull ${fullImageName(reference)}, or run with --pull missing`,
    });
  }
  return fetchOnce(context, named, options, async () => {
    if ((await find()) === null) await pullImage(reference, pullOptions(context, options));
  });
}

async function build(context: ImageContext, source: ImageSource, options: ImageOptions): Promise<Image> {
  if (source.buildContext === null) {
    throw new ImageError('the task names no image and has no Dockerfile', {
      isFinal: true,
      hint: 'check its environment folder',
    });
  }
  const files = await loadBuildContext(source.buildContext, source.dockerfile);
  const { target = null, buildArgs = {} } = source;
  const judging = await judgeDockerfile(files, context.info, buildArgs);
  const digest = optionsDigest(await contextDigest(files), { target, buildArgs });
  const tag = builtTag(source.buildContext, digest);
  const find = (): Promise<Image | null> => localImage(context.client, tag, options.signal);
  const found = options.forceBuild ? null : await find();
  if (found !== null) return withBase(context, found, files, options.signal);
  // Tasks of the same files share what their build comes to, unless one gives it more time.
  const wanted = { name: tag, content: `${digest} ${source.buildTimeoutMs}` };
  const making = fetchOnce(context, wanted, options, async () => {
    if (!options.forceBuild && (await find()) !== null) return;
    const pulling = { ...pullOptions(context, options), pull: options.pull };
    const isPodman = context.info.name === 'podman';
    const missing = isPodman ? await judgeBases(files, judging, pulling) : null;
    await buildImage(files, {
      ...pulling,
      tag,
      // What was judged is here; anything else would come unseen.
      pull: judging.flaw === null ? options.pull : 'never',
      missing,
      target,
      buildArgs,
      timeoutMs: source.buildTimeoutMs,
      limits: buildLimits(context.info),
      openCgroup: (pids) => openBuildCgroup(context, pids),
      openNetwork: (signal) => openBuildNetwork(buildNetworkOf(context), signal),
      onWarning: options.onWarning,
    });
  });
  const made = await making.catch((error: unknown) => {
    throw sharedFailure(source.buildContext ?? '', error);
  });
  return withBase(context, made, files, options.signal);
}

/** Looked up once an image: every trial of a job asks for it. */
async function withBase(
  { client, bases }: ImageContext,
  image: Image,
  files: BuildContext,
  signal: AbortSignal | undefined,
): Promise<Image> {
  if (!bases.has(image.id)) {
    const base = await baseImageOf(client, { id: image.id, context: files, ...(signal && { signal }) });
    bases.set(image.id, base);
  }
  return { ...image, base: bases.get(image.id) ?? null };
}

/** What the network of a build is made with. */
export function buildNetworkOf(context: ImageContext): BuildNetworkEngine {
  return { ...context, guard: context.network, dir: context.lockDir };
}

/**
 * Runs `fetch` for an image once a process and one at a time on this machine, then looks the image up. Images of one content
 * have one chance together.
 */
async function fetchOnce(
  context: ImageContext,
  { name, content }: { readonly name: string; readonly content: string },
  options: ImageOptions,
  fetch: () => Promise<void>,
): Promise<Image> {
  const known = context.fetched.get(name);
  if (known !== undefined) return known;
  context.failures.refuse(content);
  const lockName = createHash('sha256').update(content).digest('hex').slice(0, 24);
  await using _lock = await waitForFileLock(join(context.lockDir, lockName), options.signal);
  const meanwhile = context.fetched.get(name);
  if (meanwhile !== undefined) return meanwhile;
  context.failures.refuse(content);
  const before = await localImage(context.client, name, options.signal);
  try {
    await fetch();
  } catch (error) {
    context.failures.note(content, error);
    throw error;
  }
  const image = await localImage(context.client, name, options.signal);
  if (image === null) throw new ImageError(`the engine reported success, but image ${name} is not there`);
  context.fetched.set(name, image);
  // One that was here before, looked up again or loaded by somebody else, is not tbench's to remove.
  await context.uses.note(image.id, { isFetched: before?.id !== image.id });
  return image;
}

function pullOptions(context: ImageContext, options: ImageOptions): PullOptions {
  return {
    client: context.client,
    authFiles: context.authFiles,
    backOffMs: context.backOffMs,
    signal: options.signal,
    onProgress: options.onProgress ?? (() => undefined),
  };
}
