import pLimit from 'p-limit';
import { describeError, CancelledError } from '../base/errors.js';
import type { Dataset, Task, TaskEnvironment } from '../dataset/task.js';
import { runnableTasks } from '../job/plan.js';
import type { RunSpec } from '../record/run-spec.js';
import type { ContainerEngine, Image } from '../sandbox/container-engine.js';
import { ensureImages, type EnvironmentImages } from '../trial/environment/environment-images.js';
import { verifierEnvironments } from '../trial/verifier-images.js';

export interface Prefetch {
  readonly datasets: readonly Dataset[];
  readonly engine: ContainerEngine;
  /** Tasks whose images are fetched or built at once. */
  readonly concurrency: number;
  readonly settings: Pick<RunSpec['trial'], 'pull' | 'forceBuild' | 'timeoutMultiplier'> & {
    readonly hostEnv: Readonly<Record<string, string>>;
  };
  /** Told of every task that is done, and of every line of a pull or a build. */
  readonly onTask: (
    done: PrefetchedTask,
    progress: { readonly done: number; readonly total: number },
  ) => void;
  readonly onLine: (task: string, line: string) => void;
}

/** The images of one task: there, or why not. */
export interface PrefetchedTask {
  readonly dataset: string;
  readonly task: string;
  readonly images: readonly { readonly reference: string; readonly bytes: number }[];
  readonly error: string | null;
}

/**
 * Fetches or builds every image that runs of these tasks need, sidecars' and separate verifiers' too. What is here already is
 * not fetched again, so a prefetch that was broken off goes on where it was. A task whose image cannot be had is told, and the
 * others go on.
 */
export async function prefetch(
  { datasets, engine, concurrency, settings, onTask, onLine }: Prefetch,
  signal: AbortSignal,
): Promise<readonly PrefetchedTask[]> {
  const limit = pLimit(concurrency);
  const tasks = datasets.flatMap((dataset) =>
    runnableTasks(dataset.tasks).tasks.map((task) => ({ dataset: dataset.name, task })),
  );
  let done = 0;
  return Promise.all(
    tasks.map(({ dataset, task }) =>
      limit(async () => {
        if (signal.aborted)
          throw new CancelledError('the prefetch was interrupted', { cause: signal.reason });
        const tell = (line: string): void => onLine(task.name, line);
        const maker = { engine, settings, owner: task.name, tell };
        const result = {
          dataset,
          task: task.name,
          ...(await imagesOf(task, maker, settings.forceBuild, signal)),
        };
        done += 1;
        onTask(result, { done, total: tasks.length });
        return result;
      }),
    ),
  );
}

async function imagesOf(
  task: Task,
  maker: Parameters<typeof ensureImages>[0] & { readonly engine: ContainerEngine },
  forceBuild: boolean,
  signal: AbortSignal,
): Promise<Pick<PrefetchedTask, 'images' | 'error'>> {
  // As a trial does it: a build is forced of the agent's environment only.
  const wanted: [TaskEnvironment, boolean][] = [
    [task.environment, forceBuild],
    ...verifierEnvironments(task).map((environment): [TaskEnvironment, boolean] => [environment, false]),
  ];
  const images = new Map<string, Image>();
  try {
    for (const [environment, isForced] of wanted)
      for (const image of all(await ensureImages(maker, environment, { forceBuild: isForced, signal })))
        images.set(image.id, image);
    const sized = [...images.values()].map(async ({ reference, id }) => ({
      reference,
      bytes: await maker.engine.imageBytes(id),
    }));
    return { images: await Promise.all(sized), error: null };
  } catch (error) {
    if (signal.aborted) throw new CancelledError('the prefetch was interrupted', { cause: error });
    return { images: [], error: describeError(error) };
  }
}

function all({ main, services }: EnvironmentImages): readonly Image[] {
  return [main, ...services.values()];
}
