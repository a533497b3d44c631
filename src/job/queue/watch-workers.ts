import { plural } from '../../base/plural.js';
import { repeat } from '../../base/deadline.js';
import {
  coordinatorSchema,
  listAnnounced,
  workerSchema,
  type AnnouncementStore,
  type WorkerAnnouncement,
} from './announcements.js';
import { shownAddress } from './redis.js';

const everyMs = 10_000;

export interface Watched {
  /** Of whoever watches. */
  readonly version: string;
  readonly url: string;
  readonly tell: (line: string) => void;
}

/** Tells a coordinator who works, whenever that changes, and of workers whose version is another: they take none of its trials. */
export async function watchWorkers(
  store: AnnouncementStore,
  { version, url, tell }: Watched,
  signal: AbortSignal,
): Promise<void> {
  await tellChanges(signal, tell, async () => {
    const workers = await listAnnounced(store, 'worker', workerSchema);
    const own = workers.filter((worker) => worker.version === version);
    return [
      own.length === 0
        ? `no worker of tbench ${version} is at ${shownAddress(url)}: tbench worker --queue ${shownAddress(url)}`
        : `${plural(own.length, 'worker')}: ${own.map(describe).join(', ')}`,
      ...workers
        .filter((worker) => worker.version !== version)
        .map(
          (other) =>
            `worker ${other.id} runs tbench ${other.version}, not ${version}: it takes no trial of this job`,
        ),
    ];
  });
}

/** Tells a worker of coordinators whose trials it does not take: their version is another. */
export async function watchCoordinators(
  store: AnnouncementStore,
  { version, tell }: Omit<Watched, 'url'>,
  signal: AbortSignal,
): Promise<void> {
  await tellChanges(signal, tell, async () =>
    (await listAnnounced(store, 'coordinator', coordinatorSchema))
      .filter((other) => other.version !== version)
      .map(
        (other) =>
          `coordinator ${other.id} runs tbench ${other.version}, not ${version}: this worker takes none of its trials`,
      ),
  );
}

async function tellChanges(
  signal: AbortSignal,
  tell: (line: string) => void,
  look: () => Promise<readonly string[]>,
): Promise<void> {
  let before: readonly string[] = [];
  await repeat(everyMs, signal, async () => {
    const lines = await look().catch(() => before);
    for (const line of lines) if (!before.includes(line)) tell(line);
    before = lines;
  });
}

function describe({ id, cpus, memoryBytes, concurrency, engine, labels }: WorkerAnnouncement): string {
  const named = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  const size = [`${cpus} cpus`, `${(memoryBytes / 2 ** 30).toFixed(1)} GiB`, `${concurrency} at once`];
  return `${id} (${[...size, engine, ...named].join(', ')})`;
}
