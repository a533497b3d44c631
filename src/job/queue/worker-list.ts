import { repeat } from '../../base/deadline.js';
import { announcementSchema, type Announcement } from './messages.js';
import { prefix } from './names.js';
import { parseJson } from '../../base/json-value.js';

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

const everyMs = 5_000;
/** A worker that has not been heard of for so long is gone. */
const livesSeconds = 20;
const mostWorkers = 10_000;

/** Announces a worker again and again until the signal aborts, then takes it off the list. */
export async function announce(
  store: AnnouncementStore,
  worker: Announcement,
  signal: AbortSignal,
): Promise<void> {
  const key = keyOf(worker.id);
  await repeat(everyMs, signal, () => store.set(key, JSON.stringify(worker), 'EX', livesSeconds));
  await store.del(key);
}

/** The workers that live, of every version. What is no announcement is passed over. */
export async function listWorkers(store: AnnouncementStore): Promise<readonly Announcement[]> {
  const workers: Announcement[] = [];
  let cursor = '0';
  do {
    const [next, keys] = await store.scan(cursor, 'MATCH', keyOf('*'), 'COUNT', 1_000);
    cursor = next;
    for (const key of keys) {
      const parsed = announcementSchema.safeParse(parseJson((await store.get(key)) ?? ''));
      if (parsed.success) workers.push(parsed.data);
    }
  } while (cursor !== '0' && workers.length < mostWorkers);
  return workers.sort((a, b) => (a.id < b.id ? -1 : 1));
}

function keyOf(id: string): string {
  return `${prefix}:worker:${id}`;
}
