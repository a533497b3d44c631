import { z } from 'zod';
import type { EngineClient } from '../connection/engine-client.js';
import { EngineCallError } from '../connection/engine-error.js';
import { builtLabel } from './labels.js';
import type { ImageUses } from './image-uses.js';

const answer = z.array(
  z.object({
    Id: z.string(),
    RepoTags: z.array(z.string()).nullish(),
    Labels: z.record(z.string(), z.string()).nullish(),
    Size: z.number(),
    /** Unix seconds. */
    Created: z.number(),
  }),
);

export interface ImageRemoval {
  /** Only says what would be removed. */
  readonly isRehearsal: boolean;
  /**
   * Keeps the images used last, as many as fit in this many bytes, and takes those that tbench fetched into account as
   * well. Null removes every image that tbench built, and none that it fetched.
   */
  readonly keepBytes: number | null;
}

export interface RemovedImage {
  readonly name: string;
  /** As the engine lists it: layers that images share count in each. */
  readonly bytes: number;
}

interface OwnImage extends RemovedImage {
  readonly id: string;
  readonly names: readonly string[];
  readonly usedAtMs: number;
}

/** Removes images of tbench's that no container uses. */
export async function removeOwnImages(
  client: EngineClient,
  uses: ImageUses,
  { isRehearsal, keepBytes }: ImageRemoval,
): Promise<readonly RemovedImage[]> {
  const images = await ownImages(client, uses, { withFetched: keepBytes !== null });
  const removed: RemovedImage[] = [];
  for (const { id, names, bytes } of keepBytes === null ? images : leastRecentlyUsed(images, keepBytes)) {
    for (const name of names) {
      if (!isRehearsal && !(await removeUnusedImage(client, name))) continue;
      removed.push({ name, bytes });
      if (!isRehearsal) await uses.forget(id);
    }
  }
  return removed;
}

/** What does not fit beside the images used last. */
function leastRecentlyUsed(images: readonly OwnImage[], keepBytes: number): readonly OwnImage[] {
  const newestFirst = [...images].sort((a, b) => b.usedAtMs - a.usedAtMs);
  let kept = 0;
  const over = newestFirst.findIndex(({ bytes }) => (kept += bytes) > keepBytes);
  return over === -1 ? [] : newestFirst.slice(over).reverse();
}

async function ownImages(
  client: EngineClient,
  uses: ImageUses,
  { withFetched }: { readonly withFetched: boolean },
): Promise<OwnImage[]> {
  const used = await uses.all();
  const images = await client.json({ method: 'GET', path: '/images/json', what: 'list images' }, answer);
  return images.flatMap(({ Id, RepoTags, Labels, Size: bytes, Created }) => {
    const id = Id.startsWith('sha256:') ? Id : `sha256:${Id}`;
    const isBuilt = Labels?.[builtLabel] === '1';
    const use = used.get(id);
    if (!isBuilt && !(withFetched && use?.isFetched === true)) return [];
    // By name, not by id: an image that the user tagged too stays under the user's name.
    const tags = (RepoTags ?? []).filter((tag) => tag !== '<none>:<none>');
    // A fetched one that has a second name was given it by somebody.
    const fetched = tags.length === 1 ? tags : [];
    const own = isBuilt ? tags.filter((tag) => /(^|\/)tbench\//.test(tag)) : fetched;
    const names = tags.length === 0 ? [id] : own;
    return names.length === 0
      ? []
      : [{ id, name: names[0] ?? id, names, bytes, usedAtMs: use?.atMs ?? Created * 1000 }];
  });
}

/** Removes an image; false when a container, or another image, still needs it. */
export async function removeUnusedImage(client: EngineClient, name: string): Promise<boolean> {
  try {
    await client.send({ method: 'DELETE', path: `/images/${name}`, what: `remove image ${name}` });
    return true;
  } catch (error) {
    if (error instanceof EngineCallError && (error.status === 404 || error.status === 409)) return false;
    throw error;
  }
}
