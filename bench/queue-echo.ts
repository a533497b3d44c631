import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { trialMessageSchema } from '../src/job/queue/messages.js';
import { prefix, trialQueueName } from '../src/job/queue/names.js';
import { openQueueLink } from '../src/job/queue/queue-dispatcher.js';
import { openBull, type QueueClient, type Worker } from '../src/job/queue/redis.js';
import type { JobEvent } from '../src/record/event.js';
import { runJob } from '../src/job/run-job.js';
import type { JobRequest } from '../src/job/job.js';
import { trialResultSchema } from '../src/record/trial-result.js';
import { makeFolder } from '../src/base/files/make-folder.js';
import { trialName, trialPaths } from '../src/results/layout.js';
import { openSpool } from '../src/run/queue/spool.js';
import { startRedis, type RedisProcess } from '../test/doubles/redis.js';
import { scratchFolder } from '../test/doubles/task-folder.js';
import { agentOf, openJobBench, type JobBench } from '../test/doubles/trial-tools.js';
import { figure, type Figure } from './figure.js';

const [tasks, attempts] = [100, 100];
const trials = tasks * attempts;
/** Of them so many are delivered before the job is ended: the others are like them. */
const delivered = 1_000;
/** Answered at once. */
const echoes = 8;
const version = 'bench';
/** What each echo delivers beside the few files of a trial without a sandbox, random and so not compressed. */
const folderBytes = 64 * 1024;
const idleMs = 30_000;
const one = (name: string, unit: string, value: number): Figure => figure(name, unit, [value]);

/**
 * 10,000 trials go through a real Redis to workers that make nothing: each is answered with a recorded result and a folder of 64 KB. It
 * says what the queue costs, not what trials cost.
 */
export async function followTenThousand(): Promise<readonly Figure[]> {
  await using bench = await openJobBench(tasks);
  await using redis = await startRedis();
  const url = `redis://127.0.0.1:${redis.port}`;
  const request = bench.request({ run: { attempts } });
  const link = { url, version, run: request.run, harness: null, redact: (text: string) => text };
  await using opened = await openQueueLink({ ...link, tell: () => undefined });
  const { openDispatcher } = opened;
  const host = { cpus: Infinity, memoryBytes: Infinity };
  const recorded = await recordedTrial(bench, request);
  const over = new AbortController();
  let arrived = 0;
  const emit = ({ kind }: JobEvent): void => {
    if (kind === 'trial-end' && (arrived += 1) === delivered) over.abort(new Error('enough arrived'));
  };
  const tools = { ...bench.tools(agentOf(() => 'finished')), openDispatcher, host, emit };
  const before = await redis.figures();
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  const job = runJob(request, { ...tools, concurrency: trials }, over.signal).catch(() => undefined);
  while ((await redis.length(`${prefix}:${trialQueueName(version)}:wait`)) < trials) await sleep(50);
  const enqueuedMs = performance.now() - startedAt;
  const enqueued = await redis.figures();
  const figures = [
    one('10,000 trials put into the queue', 's', enqueuedMs / 1000),
    one('10,000 trials put into the queue: CPU of the coordinator', 's', cpuSeconds(cpu)),
    one('memory of Redis for a waiting trial', 'KiB', (enqueued.memory - before.memory) / trials / 1024),
    ...(await whileNothingHappens(redis)),
    ...(await whileTheyArrive(redis, { url, recorded, over: over.signal })),
  ];
  await job;
  return figures;
}

function cpuSeconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}

async function whileNothingHappens(redis: RedisProcess): Promise<readonly Figure[]> {
  const [before, cpu] = [await redis.figures(), process.cpuUsage()];
  await sleep(idleMs);
  const after = await redis.figures();
  const seconds = idleMs / 1000;
  return [
    one(
      '10,000 waiting trials followed: commands of Redis',
      '1/s',
      (after.commands - before.commands) / seconds,
    ),
    one('10,000 waiting trials followed: CPU of the coordinator', '%', (cpuSeconds(cpu) / seconds) * 100),
  ];
}

async function whileTheyArrive(
  redis: RedisProcess,
  { url, recorded, over }: { readonly url: string; readonly recorded: unknown; readonly over: AbortSignal },
): Promise<readonly Figure[]> {
  await using spool = await scratchFolder();
  const [before, cpu, startedAt] = [await redis.figures(), process.cpuUsage(), performance.now()];
  let peak = before.memory;
  await using _echo = await openEcho(url, spool.dir, recorded);
  while (!over.aborted) {
    peak = Math.max(peak, (await redis.figures()).memory);
    await sleep(200);
  }
  const [seconds, after] = [(performance.now() - startedAt) / 1000, await redis.figures()];
  const each = (of: 'commands' | 'bytesIn' | 'bytesOut'): number => (after[of] - before[of]) / delivered;
  return [
    one('trials delivered, of 64 KB each', 'trials/s', delivered / seconds),
    one(
      'a trial delivered: CPU of the coordinator and the echo together',
      'ms',
      (cpuSeconds(cpu) / delivered) * 1000,
    ),
    one('a trial delivered: commands of Redis, those of its scripts among them', '', each('commands')),
    one('a trial delivered: bytes into Redis', 'KiB', each('bytesIn') / 1024),
    one('a trial delivered: bytes out of Redis', 'KiB', each('bytesOut') / 1024),
    one('most memory of Redis beyond what waits', 'MiB', (peak - before.memory) / 2 ** 20),
  ];
}

/** A result as one trial of the tasks left it, made in memory. */
async function recordedTrial(bench: JobBench, request: JobRequest): Promise<unknown> {
  const dir = join(bench.dir, 'results', 'recorded');
  const [task] = request.tasks;
  const small = bench.request({
    name: 'recorded',
    dir,
    tasks: task === undefined ? [] : [task],
    run: { attempts: 1 },
  });
  await runJob(small, bench.tools(agentOf(() => 'finished')), new AbortController().signal);
  return JSON.parse(await readFile(trialPaths(dir, trialName(task?.name ?? '', 1)).result, 'utf8'));
}

/** Answers every trial at once with the recorded one, by a worker's own spool. */
async function openEcho(url: string, dir: string, recorded: unknown): Promise<AsyncDisposable> {
  const bull = await openBull(url, () => undefined);
  const queue = new bull.Queue(trialQueueName(version), { connection: bull.connection, prefix });
  const client = (await queue.client) as unknown as QueueClient;
  const spool = openSpool({ bull, trials: queue, client, dir, tell: () => undefined });
  const over = new AbortController();
  const watching = spool.watch(over.signal);
  const content = randomBytes(folderBytes);
  let taken = 0;
  const worker: Worker = new bull.Worker(
    trialQueueName(version),
    async (message) => {
      if ((taken += 1) === delivered) void worker.pause(true);
      const { spec } = trialMessageSchema.parse(message.data);
      const trial = trialName(spec.task.name, spec.attempt);
      const result = { ...trialResultSchema.parse(recorded), trial_name: trial, task_name: spec.task.name };
      const folder = trialPaths(await spool.open(message.id ?? ''), trial);
      await makeFolder(folder.dir);
      await writeFile(join(folder.dir, 'recorded'), content);
      const outcome = { result, anotherTry: 'may-help' } as const;
      await spool.deliver({
        jobId: spec.job.id,
        delivery: { trial, tries: spec.tries, worker: 'echo', outcome },
      });
      return 'made';
    },
    { connection: bull.connection, prefix, concurrency: echoes },
  );
  return {
    async [Symbol.asyncDispose]() {
      over.abort();
      await watching;
      await worker.close();
      await queue.close();
    },
  };
}
