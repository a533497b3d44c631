import { z } from 'zod';
import { parseJson } from '../../base/json-value.js';
import { repeat } from '../../base/deadline.js';
import { prefix } from './names.js';

/** A worker as it announces itself, anew every few seconds. */
export const workerSchema = z.strictObject({
  id: z.string(),
  version: z.string(),
  cpus: z.number(),
  memoryBytes: z.number(),
  engine: z.string(),
  concurrency: z.number().int().positive(),
  labels: z.record(z.string(), z.string()),
});
export type WorkerAnnouncement = z.infer<typeof workerSchema>;

/** A coordinator as it does, so that a worker of another version can say why it takes none of its trials. */
export const coordinatorSchema = z.strictObject({ id: z.string(), version: z.string() });
export type CoordinatorAnnouncement = z.infer<typeof coordinatorSchema>;

/** The part of a Redis client that announcing needs. */
export interface AnnouncementStore {
  set(key: string, value: string, expiry: 'EX', seconds: number): Promise<unknown>;
  get(key: string): Promise<string | null>;
  del(...keys: string[]): Promise<unknown>;
  scan(
    cursor: string,
    match: 'MATCH',
    pattern: string,
    count: 'COUNT',
    n: number,
  ): Promise<[string, string[]]>;
}

type Kind = 'worker' | 'coordinator';

const everyMs = 5_000;
/** Who has not been heard of for so long is gone. */
const livesSeconds = 20;
const mostAnnounced = 10_000;

/** Announces somebody again and again until the signal aborts, then takes it off the list. */
export async function announce(
  store: AnnouncementStore,
  kind: Kind,
  who: WorkerAnnouncement | CoordinatorAnnouncement,
  signal: AbortSignal,
): Promise<void> {
  const key = keyOf(kind, who.id);
  await repeat(everyMs, signal, () => store.set(key, JSON.stringify(who), 'EX', livesSeconds));
  await store.del(key);
}

/** Those of a kind that live, of every version. What is no announcement is passed over. */
export async function listAnnounced<T extends { readonly id: string }>(
  store: AnnouncementStore,
  kind: Kind,
  schema: z.ZodType<T>,
): Promise<readonly T[]> {
  const found: T[] = [];
  let cursor = '0';
  do {
    const [next, keys] = await store.scan(cursor, 'MATCH', keyOf(kind, '*'), 'COUNT', 1_000);
    cursor = next;
    for (const key of keys) {
      const parsed = schema.safeParse(parseJson((await store.get(key)) ?? ''));
      if (parsed.success) found.push(parsed.data);
    }
  } while (cursor !== '0' && found.length < mostAnnounced);
  return found.sort((a, b) => (a.id < b.id ? -1 : 1));
}

function keyOf(kind: Kind, id: string): string {
  return `${prefix}:${kind}:${id}`;
}
