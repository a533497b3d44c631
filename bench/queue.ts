import { openQueueBench } from '../test/integration/queue-bench.js';
import { startCli } from '../test/integration/cli.js';
import { join } from 'node:path';
import { figure, type Figure } from './figure.js';

/** Short tasks that mostly wait, as a trial waits for its model. */
const [tasks, secondsATask] = [12, 5];
const onceATrial = (startedAt: number): number => (tasks / (performance.now() - startedAt)) * 60_000;

/**
 * Trials per minute with 1, 2 and 3 workers of two slots each against one process on the same machine, from the command to its end.
 */
export async function queue(): Promise<readonly Figure[]> {
  const alone = [await alonePace(2), await alonePace(6)] as const;
  const paces: Figure[] = [
    figure('trials a minute: one process, 2 at once', 'trials/min', [alone[0]]),
    figure('trials a minute: one process, 6 at once', 'trials/min', [alone[1]]),
  ];
  for (const workers of [1, 2, 3]) {
    const peer = { [`one process, ${workers === 3 ? 6 : 2} at once`]: [workers === 3 ? alone[1] : alone[0]] };
    const name = `trials a minute: ${workers} ${workers === 1 ? 'worker' : 'workers'} of 2`;
    paces.push(figure(name, 'trials/min', [await queuePace(workers)], peer));
  }
  return paces;
}

async function alonePace(concurrency: number): Promise<number> {
  await using bench = await openQueueBench(tasks, secondsATask);
  const args = ['run', '--agent', 'oracle', '--dataset', join(bench.dir, 'tasks'), '--attempts', '1'];
  const startedAt = performance.now();
  const run = startCli([
    ...[...args, '--pull', 'never', '--results', bench.results],
    ...['--job', `bench-alone-${concurrency}`, '-n', String(concurrency)],
  ]);
  await endedWell(run.ended);
  return onceATrial(startedAt);
}

async function queuePace(workers: number): Promise<number> {
  await using bench = await openQueueBench(tasks, secondsATask);
  for (let at = 0; at < workers; at += 1) await bench.worker();
  const startedAt = performance.now();
  await endedWell(bench.run(`bench-queue-${workers}`).ended);
  return onceATrial(startedAt);
}

async function endedWell(
  ended: Promise<{ readonly code: number | null; readonly stderr: string }>,
): Promise<void> {
  const { code, stderr } = await ended;
  if (code !== 0) throw new Error(`the run ended with ${code}:\n${stderr}`);
}
