import { z } from 'zod';
import { readForeignFile } from '../../base/foreign-file.js';
import type { EngineClient } from '../connection/engine-client.js';
import { EngineCallError } from '../connection/engine-error.js';
import { inspectImage } from '../connection/inspect-image.js';
import type { BuildContext } from './build-context.js';
import { fullImageName } from './image-reference.js';
import { namedImages } from './mounts/named-images.js';
import { maxDockerfileBytes, UnjudgedDockerfile } from './mounts/instructions.js';

const answer = z.object({
  RepoDigests: z.array(z.string()).nullish(),
  RootFS: z.object({ Layers: z.array(z.string()).nullish() }).nullish(),
});

/** Names of one Dockerfile that are looked up: each is a call of the engine. */
const mostNames = 50;

/**
 * The image that a built one stands on, as `name@sha256:...`: a tag may be another image tomorrow. It is the one of those
 * that the Dockerfile names whose layers the built image begins with, so it is no guess. Null where the engine has no such
 * image, or no registry's digest of it.
 */
export async function baseImageOf(
  client: EngineClient,
  {
    id,
    context,
    signal,
  }: { readonly id: string; readonly context: BuildContext; readonly signal?: AbortSignal },
): Promise<string | null> {
  const built = (await lookUp(client, id, signal))?.layers ?? [];
  let best: { readonly name: string; readonly layers: number } | null = null;
  for (const name of (await namesIn(context)).slice(0, mostNames)) {
    const found = await lookUp(client, fullImageName(name), signal);
    if (found?.digest == null || found.layers.length === 0) continue;
    const isBelow = found.layers.every((layer, at) => built[at] === layer);
    if (isBelow && found.layers.length > (best?.layers ?? 0))
      best = { name: `${name.replace(/@.*/, '')}@${found.digest}`, layers: found.layers.length };
  }
  return best?.name ?? null;
}

async function namesIn({ dir, dockerfile }: BuildContext): Promise<readonly string[]> {
  const file = await readForeignFile(dir, dockerfile, { maxBytes: maxDockerfileBytes, links: 'inside' });
  if (file.kind !== 'file') return [];
  try {
    return [...namedImages(file.value.toString('latin1'))];
  } catch (error) {
    if (error instanceof UnjudgedDockerfile) return [];
    throw error;
  }
}

async function lookUp(
  client: EngineClient,
  name: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly layers: readonly string[]; readonly digest: string | null } | null> {
  try {
    const { RepoDigests: digests, RootFS: root } = await inspectImage(client, name, answer, { signal });
    return { layers: root?.Layers ?? [], digest: digests?.[0]?.split('@')[1] ?? null };
  } catch (error) {
    if (error instanceof EngineCallError && !error.isUnreachable) return null;
    throw error;
  }
}
