import { plural } from '../../base/plural.js';
import { repeat } from '../../base/deadline.js';
import { shownAddress } from './redis.js';
import { listWorkers, type AnnouncementStore } from './worker-list.js';

const everyMs = 10_000;

/** Tells who works, whenever that changes, and of workers whose version is another: they take none of these trials. */
export function watchWorkers(
  store: AnnouncementStore,
  {
    version,
    url,
    tell,
  }: { readonly version: string; readonly url: string; readonly tell: (line: string) => void },
): Disposable {
  const watch = new AbortController();
  let before = '';
  void repeat(everyMs, watch.signal, async () => {
    const workers = await listWorkers(store).catch(() => []);
    const own = workers.filter((worker) => worker.version === version);
    const others = workers.filter((worker) => worker.version !== version);
    const lines = [
      own.length === 0
        ? `no worker of tbench ${version} is at ${shownAddress(url)}: tbench worker --queue ${shownAddress(url)}`
        : `${plural(own.length, 'worker')}: ${own.map(({ id, cpus, memoryBytes, concurrency }) => `${id} (${cpus} cpus, ${(memoryBytes / 2 ** 30).toFixed(1)} GiB, ${concurrency} at once)`).join(', ')}`,
      ...others.map(
        ({ id, version: other }) =>
          `worker ${id} runs tbench ${other}, not ${version}: it takes no trial of this job`,
      ),
    ];
    const now = lines.join('\n');
    if (now !== before) for (const line of lines) tell(line);
    before = now;
  });
  return { [Symbol.dispose]: () => watch.abort() };
}
