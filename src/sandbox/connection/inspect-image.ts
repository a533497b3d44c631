import type { z } from 'zod';
import type { EngineClient } from './engine-client.js';

/** What the engine says of an image of this name or id, as far as `schema` asks. Throws EngineCallError, with status 404 for one that it has not. */
export function inspectImage<T>(
  client: EngineClient,
  name: string,
  schema: z.ZodType<T>,
  options: {
    /** Its name for people, where that is another. */
    readonly shown?: string;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<T> {
  const { shown = name, signal } = options;
  const call = {
    method: 'GET',
    path: `/images/${name}/json`,
    signal,
    what: `look up image ${shown}`,
  } as const;
  return client.json(call, schema);
}
