import { Option } from '@commander-js/extra-typings';
import { runChoices, runDefaults } from '../../record/run-spec.js';
import { collect, parseCount, parseCountOrAuto } from './parse-values.js';

/** The options that every command which makes trials shares. New ones each time: commander marks those it is given. */
export const sandboxOptions = {
  concurrency: () =>
    new Option('-n, --concurrency <n>', 'sandboxes at once')
      .argParser(parseCount)
      .default<number>(runDefaults.concurrency),
  concurrencyOrAuto: () =>
    new Option(
      '-n, --concurrency <n or auto>',
      "sandboxes at once; auto: as many as the engine's host has memory and cpus for",
    )
      .argParser(parseCountOrAuto)
      .default<number | 'auto'>(runDefaults.concurrency),
  engine: () =>
    new Option('--engine <socket>', 'container engine: a socket path, unix://, tcp:// or ssh:// address'),
  pull: () =>
    new Option('--pull <policy>', 'when images are pulled')
      .choices(runChoices.pull)
      .default(runDefaults.pull),
  forceBuild: () =>
    new Option('--force-build', 'build images from environment/ even where a prebuilt one is named').default(
      false,
    ),
  passEnv: () =>
    new Option(
      '--pass-env <name>',
      'host variable that tasks may read; repeatable, none by default',
    ).argParser(collect),
};
