import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { sleep } from '../src/base/deadline.js';
import { scratchFolder } from '../test/doubles/task-folder.js';
import { figure, type Figure } from './figure.js';

const run = promisify(execFile);
const rounds = 2;
const tasks = [
  'answer-from-access-log',
  'build-rpn-calculator',
  'decode-sensor-log',
  'fix-interval-merge',
  'merge-contacts',
  'repair-order-database',
  'rotate-backups',
  'write-jq-report',
];
const agents = ['nop', 'oracle'] as const;
const measuredSchema = z.object({ seconds: z.number(), cpu_seconds: z.number(), memory_mb: z.number() });
type Measured = z.infer<typeof measuredSchema>;

/**
 * The real Harbor 0.26 and tbench over the same eight tasks, two at once, with the same images on the same service of
 * podman, alternating. Client CPU is that of the harness's own processes; what the engine does counts for neither.
 */
export async function harbor(): Promise<readonly Figure[]> {
  await run('sh', ['scripts/setup.sh']);
  await run('sh', ['scripts/harbor/build-image.sh']);
  await using folder = await scratchFolder();
  await pinTasks(folder.dir);
  using _service = await startService(folder.dir);
  const figures: Figure[] = [];
  for (const agent of agents) {
    const samples: { harbor: Measured[]; tbench: Measured[] } = { harbor: [], tbench: [] };
    for (let round = 1; round <= rounds; round += 1) {
      const name = `${agent}-${round}`;
      samples.harbor.push(await measured('sh', ['scripts/harbor/measure-job.sh', folder.dir, agent, name]));
      samples.tbench.push(
        await measured('python3', ['scripts/harbor/measure.py', ...tbenchRun(folder.dir, agent, name)]),
      );
      await sameRewards(folder.dir, name);
    }
    figures.push(...figuresOf(agent, samples));
  }
  return figures;

  async function measured(program: string, args: readonly string[]): Promise<Measured> {
    const env = { ...process.env, CONTAINER_HOST: `unix://${join(folder.dir, 'podman.sock')}` };
    const { stdout } = await run(program, args, { env, maxBuffer: 2 ** 26 });
    return measuredSchema.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
  }
}

function tbenchRun(dir: string, agent: string, name: string): string[] {
  const where = ['--dataset', join(dir, 'tasks'), '--results', join(dir, 'tbench'), '--job', name];
  return [
    'node',
    'dist/cli/main.js',
    'run',
    '--agent',
    agent,
    '--attempts',
    '1',
    '--concurrency',
    '2',
    ...where,
  ];
}

/** Copies the tasks with the image that tbench built for each as their `docker_image`: nobody builds while measured. */
async function pinTasks(dir: string): Promise<void> {
  const build = tbenchRun(dir, 'nop', 'build');
  build[build.indexOf('--dataset') + 1] = 'tasks/sample';
  await run(build[0] ?? 'node', [...build.slice(1), ...tasks.flatMap((task) => ['--tasks', task])], {
    maxBuffer: 2 ** 26,
  });
  await mkdir(join(dir, 'tasks'), { recursive: true });
  for (const task of tasks) {
    const result = await readFile(join(dir, 'tbench', 'build', `${task}__1`, 'result.json'), 'utf8');
    const { tbench } = z
      .object({ tbench: z.object({ image: z.object({ reference: z.string() }) }) })
      .parse(JSON.parse(result));
    const copy = join(dir, 'tasks', task);
    await cp(join('tasks', 'sample', task), copy, { recursive: true });
    const toml = await readFile(join(copy, 'task.toml'), 'utf8');
    await writeFile(
      join(copy, 'task.toml'),
      toml.replace('[environment]\n', `[environment]\ndocker_image = "${tbench.image.reference}"\n`),
    );
  }
}

async function startService(dir: string): Promise<Disposable> {
  const conf = join(dir, 'containers.conf');
  await writeFile(conf, '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]\n');
  const socket = join(dir, 'podman.sock');
  const service = spawn('podman', ['system', 'service', '--time=0', `unix://${socket}`], {
    env: { ...process.env, CONTAINERS_CONF: conf },
    stdio: 'ignore',
  });
  while ((await stat(socket).catch(() => null)) === null) await sleep(100);
  return { [Symbol.dispose]: () => void service.kill() };
}

/** A harness that is quick because it fails measures nothing. */
async function sameRewards(dir: string, name: string): Promise<void> {
  const mean = async (harness: string): Promise<unknown> => {
    const text = await readFile(join(dir, harness, name, 'result.json'), 'utf8');
    const evals = z
      .object({ stats: z.object({ evals: z.record(z.string(), z.looseObject({})) }) })
      .parse(JSON.parse(text));
    return Object.values(evals.stats.evals)[0]?.['metrics'];
  };
  const [theirs, ours] = [JSON.stringify(await mean('harbor')), JSON.stringify(await mean('tbench'))];
  const number = (text: string): number => Number(/-?[\d.]+/.exec(text)?.[0]);
  if (number(theirs) !== number(ours))
    throw new Error(`${name}: Harbor's rewards are ${theirs}, ours ${ours}`);
}

function figuresOf(agent: string, { harbor, tbench }: { harbor: Measured[]; tbench: Measured[] }): Figure[] {
  const one = (what: string, unit: string, key: keyof Measured): Figure =>
    figure(
      `${agent}: ${what}`,
      unit,
      tbench.map((sample) => sample[key]),
      { 'Harbor 0.26': harbor.map((sample) => sample[key]) },
    );
  return [
    one('8 tasks, two at once', 's', 'seconds'),
    one('client CPU', 's', 'cpu_seconds'),
    one('memory of the largest process', 'MB', 'memory_mb'),
  ];
}
