import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis } from '../doubles/redis.js';
import { startCli, type RunningCli } from './cli.js';
import { baseImage } from './engine.js';

/** Where Redis listens, and how processes get to other hosts. */
export interface QueuePlace {
  readonly host: string;
  /** What a worker is started through: a network namespace. */
  readonly through: (worker: number) => readonly string[];
}

const here: QueuePlace = { host: '127.0.0.1', through: () => [] };

/** A real Redis, tasks whose solution takes some seconds, and workers that are processes of their own. */
export async function openQueueBench(tasks: number, seconds: number, place = here) {
  const dir = await mkdtemp(join(tmpdir(), 'tbench-queue-'));
  const redis = await startRedis(place.host);
  const url = `redis://${place.host}:${redis.port}`;
  for (let index = 1; index <= tasks; index += 1) await writeTask(join(dir, 'tasks', `t${index}`), seconds);
  const workers: RunningCli[] = [];
  return {
    dir,
    url,
    redis,
    results: join(dir, 'results'),
    async worker(env: Record<string, string> = {}, ...more: readonly string[]): Promise<RunningCli> {
      const args = ['worker', '--queue', url, '-n', '2', '--spool', join(dir, `spool-${workers.length}`)];
      const worker = startCli([...args, ...more], env, place.through(workers.length));
      workers.push(worker);
      await worker.saw('takes 2 trials at once');
      return worker;
    },
    run(job: string, env: Record<string, string> = {}, agent = ['--agent', 'oracle']): RunningCli {
      const args = ['run', ...agent, '--dataset', join(dir, 'tasks'), '--attempts', '1', '--pull', 'never'];
      return startCli([...args, '--results', join(dir, 'results'), '--job', job, '--queue', url], env);
    },
    async [Symbol.asyncDispose]() {
      for (const { process } of workers) {
        process.kill('SIGCONT');
        process.kill('SIGINT');
      }
      await Promise.all(workers.map(({ ended: over }) => over));
      await redis[Symbol.asyncDispose]();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** A task that asks for the file /srv/done. */
export async function writeTask(dir: string, seconds: number, memoryMb = 256): Promise<void> {
  for (const folder of ['environment', 'tests', 'solution'])
    await mkdir(join(dir, folder), { recursive: true });
  const toml = [
    'schema_version = "1.4"',
    `[environment]\ndocker_image = "${baseImage}"\nworkdir = "/srv"\ncpus = 1\nmemory_mb = ${memoryMb}`,
    '[agent]\ntimeout_sec = 120.0',
    '[verifier]\ntimeout_sec = 60.0\n',
  ].join('\n');
  await writeFile(join(dir, 'task.toml'), toml);
  await writeFile(join(dir, 'instruction.md'), 'Create the file /srv/done.\n');
  await writeFile(join(dir, 'solution', 'solve.sh'), `sleep ${seconds}; touch done\n`);
  await writeFile(join(dir, 'tests', 'test.sh'), 'test -f /srv/done && echo 1 > /logs/verifier/reward.txt\n');
}

/** The rewards by trial, as result.json and reward.txt say; what is half arrived stands among them by its name. */
export async function rewardsOf(results: string, job: string): Promise<Record<string, unknown>> {
  const dir = join(results, job);
  const names = (await readdir(dir)).filter((name) => name.includes('__') || name.startsWith('.'));
  const rewards = names.map(async (trial): Promise<[string, unknown]> => {
    const text = await readFile(join(dir, trial, 'verifier', 'reward.txt'), 'utf8');
    const { verifier_result: verified } = JSON.parse(
      await readFile(join(dir, trial, 'result.json'), 'utf8'),
    ) as { verifier_result: { rewards: { reward: number } } | null };
    const reward = verified?.rewards.reward;
    return [trial, text === `${reward}\n` ? reward : `${reward}, and reward.txt has ${text}`];
  });
  return Object.fromEntries(await Promise.all(rewards));
}

/** What those of `tasks` tasks are, all passed. */
export function allPassed(tasks: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: tasks }, (_, index) => [`t${index + 1}__1`, 1]));
}
