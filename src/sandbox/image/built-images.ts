import { z } from 'zod';
import type { EngineClient } from '../connection/engine-client.js';
import { EngineCallError } from '../connection/engine-error.js';
import { builtLabel } from '../cleanup/labels.js';

const answer = z.array(z.object({ Id: z.string(), RepoTags: z.array(z.string()).nullish() }));

/** Removes every image that tbench built and that no container uses, or only names them. Pulled images stay. Returns the names. */
export async function removeBuiltImages(
  client: EngineClient,
  { isRehearsal }: { readonly isRehearsal: boolean },
): Promise<readonly string[]> {
  const query = { filters: JSON.stringify({ label: [`${builtLabel}=1`] }) };
  const images = await client.json(
    { method: 'GET', path: '/images/json', query, what: "list tbench's images" },
    answer,
  );
  const removed: string[] = [];
  for (const { Id: id, RepoTags: tags } of images) {
    // By name, not by id: an image that the user tagged too stays under the user's name.
    for (const name of ownTags(tags ?? [], id)) {
      if (isRehearsal || (await removeUnusedImage(client, name))) removed.push(name);
    }
  }
  return removed;
}

function ownTags(tags: readonly string[], id: string): readonly string[] {
  const named = tags.filter((tag) => tag !== '<none>:<none>');
  return named.length === 0 ? [id] : named.filter((tag) => /(^|\/)tbench\//.test(tag));
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
