import { Command } from '@commander-js/extra-typings';
import { EnvironmentError } from '../base/errors.js';
import { safeJson } from '../base/safe-text.js';
import { pickVariables } from '../run/local/local-settings.js';
import { openEngine } from '../run/local/open-engine.js';
import { prefetch, type PrefetchedTask } from '../run/prefetch.js';
import { runDefaults } from '../record/run-spec.js';
import { listenForInterrupt } from './interrupt.js';
import { parseCount } from './options/parse-values.js';
import { sandboxOptions } from './options/sandbox-options.js';
import { taskOptions } from './options/task-options.js';
import { chosenDatasets, withNames } from './tasks/chosen-datasets.js';
import { print, tell } from './tell.js';

const examples = `
Examples:
  tbench prefetch tb-lite tb-2.1            before a night's run: images and tasks of both
  tbench prefetch tb-2.1 -n 8 --pull always tags looked up again
  tbench run -m my-model --pull never       and nothing is fetched in the run

What is here is not fetched again, so the same command goes on where one was broken off. Mirrors and credentials are the engine's:
registries.conf and auth.json of podman, daemon.json and config.json of Docker.`;

/** `tbench prefetch`: images before a job needs them. */
export function prefetchCommand() {
  return new Command('prefetch')
    .description(
      'Fetches or builds the images of tasks ahead of a run, several at once; fetches named datasets that are not here.',
    )
    .argument('<dataset...>', 'names, folders of tasks, or a task folder')
    .addOption(taskOptions.tasks())
    .addOption(taskOptions.exclude())
    .addOption(taskOptions.limit())
    .option(
      '-n, --concurrency <n>',
      'tasks whose images are fetched or built at once',
      parseCount,
      runDefaults.concurrency,
    )
    .addOption(sandboxOptions.engine())
    .addOption(sandboxOptions.pull())
    .addOption(sandboxOptions.forceBuild())
    .addOption(sandboxOptions.passEnv())
    .option(
      '--json',
      'print {"tasks": [{"dataset", "task", "images": [{"reference", "bytes"}], "error"}]}',
      false,
    )
    .addHelpText('after', examples)
    .action(async (names, flags) => {
      using interrupt = listenForInterrupt();
      const { signal } = interrupt;
      const { env } = process;
      const datasets = await chosenDatasets(withNames(flags, names), signal);
      await using engine = await openEngine({ engine: flags.engine ?? null, env, signal, tell });
      using _closing = interrupt.closeBeforeQuitting(engine);
      const { pull, forceBuild } = flags;
      const hostEnv = pickVariables(flags.passEnv ?? [], env);
      const fetched = await prefetch(
        {
          datasets,
          engine,
          concurrency: flags.concurrency,
          settings: { pull, forceBuild, hostEnv, timeoutMultiplier: runDefaults.timeoutMultiplier },
          onTask: (task, { done, total }) => tell(`[${done}/${total}] ${describe(task)}`),
          onLine: nowAndThen((task, line) => tell(`${task}: ${line}`)),
        },
        signal,
      );
      print(flags.json ? `${safeJson({ tasks: fetched })}\n` : summary(fetched));
      complain(fetched);
    });
}

/** A pull prints many lines a second: one in ten seconds says that it goes on. */
const quietMs = 10_000;

function nowAndThen(show: (task: string, line: string) => void): typeof show {
  let last = performance.now();
  return (task, line) => {
    if (performance.now() - last < quietMs) return;
    last = performance.now();
    show(task, line);
  };
}

function describe({ task, images, error }: PrefetchedTask): string {
  if (error !== null) return `${task}: ${error}`;
  return `${task}: ${images.map(({ reference, bytes }) => `${reference} (${gigabytes(bytes)})`).join(', ')}`;
}

function summary(fetched: readonly PrefetchedTask[]): string {
  const images = new Map(
    fetched.flatMap((task) => task.images.map(({ reference, bytes }) => [reference, bytes])),
  );
  const bytes = [...images.values()].reduce((all, size) => all + size, 0);
  return `${images.size} images of ${fetched.length} tasks are here, ${gigabytes(bytes)} where layers that images share count in each\n`;
}

function complain(fetched: readonly PrefetchedTask[]): void {
  const missing = fetched.filter(({ error }) => error !== null);
  if (missing.length === 0) return;
  throw new EnvironmentError(`no image for ${missing.map(({ task }) => task).join(', ')}`, {
    hint: 'Each one has its reason above. The same command tries them again.',
  });
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}
