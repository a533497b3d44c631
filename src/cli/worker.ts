import { join } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { userCache } from '../base/files/user-cache.js';
import { CancelledError, InputError } from '../base/errors.js';
import { runWorker } from '../run/queue/run-worker.js';
import { listenForInterrupt } from './interrupt.js';
import { collect } from './options/parse-values.js';
import { sandboxOptions } from './options/sandbox-options.js';
import { queueUrl } from './options/queue-option.js';
import { tell } from './tell.js';

const examples = `
Examples:
  tbench worker --queue redis://coordinator:6379                        takes trials with this machine's podman
  tbench worker --queue redis://coordinator:6379 --base-url http://127.0.0.1:8000/v1
      a GPU host: its trials ask the server that runs beside it
  TBENCH_QUEUE=redis://:PASSWORD@coordinator:6379 tbench worker -n 8    the password in no process list
  tbench run -m my-model --queue redis://coordinator:6379               and the coordinator, on any machine

Keys come from this worker's own environment (OPENAI_API_KEY), never by the queue. The first Ctrl-C gives back what is under way.
docs/scale.md says what flows where.`;

/** `tbench worker`: makes trials that a coordinator on another machine hands out. */
export function workerCommand() {
  return new Command('worker')
    .description('Takes trials from a queue and makes them on this machine, until it is stopped.')
    .option(
      '--queue <url>',
      'Redis of the coordinator: redis://[:password@]host:port (default: $TBENCH_QUEUE)',
    )
    .option(
      '--base-url <url>',
      "this worker's own model server; repeatable (default: those of the run)",
      collect,
    )
    .option('--label <name=value>', 'told to whoever lists the workers; repeatable', collect)
    .option(
      '--spool <dir>',
      'takes what is under way, for one worker alone (default: ~/.cache/tbench/worker)',
    )
    .addOption(sandboxOptions.concurrencyOrAuto())
    .addOption(sandboxOptions.engine())
    .addHelpText('after', examples)
    .action(async (flags) => {
      const { env } = process;
      const url = queueUrl(flags.queue, env);
      if (url === null) throw new InputError('which queue? --queue redis://HOST:6379, or $TBENCH_QUEUE');
      using interrupt = listenForInterrupt();
      const { signal } = interrupt;
      await runWorker({
        url,
        env,
        signal,
        tell,
        engine: flags.engine ?? null,
        concurrency: flags.concurrency,
        baseUrls: flags.baseUrl ?? null,
        labels: labelsOf(flags.label ?? []),
        spoolDir: flags.spool ?? join(userCache(env), 'worker'),
      });
      if (signal.aborted)
        throw new CancelledError('the worker was stopped; nothing of the queue is under way here any more');
    });
}

function labelsOf(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new InputError(`--label ${text}: a name and a value are needed, such as gpu=a100`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}
