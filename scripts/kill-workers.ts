/**
 * `npm run test:kill-workers [-- ROUNDS SEED]`: a job of 30 trials over three workers, a real Redis and real sandboxes. In each of 5 rounds
 * every worker and the coordinator are killed in turn (SIGKILL, at instants drawn from a seed) and started anew, and Redis is killed and
 * started anew, in turn with and without what it wrote on disk. The same job, made by one process that nobody disturbs, says what has
 * to come of it. Every command counts itself in its sandbox, so that one that ran twice, or never, changes the reward. Ends with a
 * line `N passed, N failed`.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../src/score/statistics/random.js';
import { startRedis } from '../test/doubles/redis.js';
import { FakeVllm, type SeenRequest } from '../test/doubles/vllm/fake-vllm.js';
import type { ModelReply } from '../test/doubles/vllm/generate.js';
import { containersOf, openCliBench, startCli, type RunningCli } from '../test/integration/cli.js';

const [rounds, seed] = [Number(process.argv[2] ?? 5), Number(process.argv[3] ?? 1)];
const [turns, secondsATurn] = [6, 1];
const limitMs = 15 * 60_000;
const keys = { coordinator: 'sk-of-the-coordinator-4711', worker: 'sk-of-the-workers-0815' };
const began = performance.now();
const seconds = (): string => `${Math.round((performance.now() - began) / 1000)} s`;

function reply({ body }: SeenRequest): ModelReply {
  const turn = body.messages.filter(({ role }) => role === 'assistant').length + 1;
  const counted = Array.from({ length: turns - 2 }, (_, at) => `${at + 1} `).join('');
  const command =
    turn < turns - 1
      ? `echo ${turn} >> /srv/count; sleep ${secondsATurn}`
      : turn === turns - 1
        ? `[ "$(tr '\\n' ' ' < /srv/count)" = "${counted}" ] && touch /srv/done`
        : 'echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT';
  return { thought: `Turn ${turn}.`, content: 'THOUGHT: on.', command };
}

interface Trial {
  readonly reward: number | null;
  readonly turns: number;
}

async function trialsOf(results: string, job: string): Promise<ReadonlyMap<string, Trial>> {
  const names = (await readdir(join(results, job))).filter((name) => name.includes('__')).sort();
  const read = names.map(async (name): Promise<[string, Trial]> => {
    const result = JSON.parse(await readFile(join(results, job, name, 'result.json'), 'utf8')) as {
      readonly verifier_result: { readonly rewards: { readonly reward: number } } | null;
      readonly tbench: { readonly totals: { readonly turns: number } };
    };
    return [
      name,
      { reward: result.verifier_result?.rewards.reward ?? null, turns: result.tbench.totals.turns },
    ];
  });
  return new Map(await Promise.all(read));
}

let [passed, failed] = [0, 0];
function holds(what: string, isSo: boolean, seen: string): void {
  if (isSo) passed += 1;
  else failed += 1;
  console.log(`${isSo ? 'ok' : 'FAILED'}: ${what}: ${seen}`);
}

console.log(`seed ${seed}, ${rounds} rounds`);
const tasks = Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`task-${at}`, []]));
await using bench = await openCliBench(tasks);
await using server = await FakeVllm.start({ model: 'tiny', reply, apiKey: keys.worker });
await using redis = await startRedis();
const argsOf = (job: string, ...more: string[]): string[] => [
  ...['run', '--dataset', join(bench.dir, 'tasks'), '--results', bench.results, '--job', job],
  ...['--model', 'tiny', '--base-url', server.baseUrl, '--attempts', '3', '--pull', 'never', ...more],
];

const calmEnd = await startCli(argsOf('calm', '-n', '6'), { OPENAI_API_KEY: keys.worker }).ended;
if (calmEnd.code !== 0) throw new Error(`the job failed without a kill:\n${calmEnd.stderr}`);
const calmMs = performance.now() - began;
console.log(`undisturbed, by one process: ${seconds()}`);

const url = `redis://127.0.0.1:${redis.port}`;
const job = `kill-workers-${process.pid}`;
const ended: RunningCli[] = [];
const startWorker = (at: number): RunningCli =>
  startCli(['worker', '--queue', url, '-n', '2', '--spool', join(bench.dir, `spool-${at}`)], {
    OPENAI_API_KEY: keys.worker,
  });
const startCoordinator = (): RunningCli =>
  startCli(argsOf(job, '--queue', url), { OPENAI_API_KEY: keys.coordinator });
async function again(old: RunningCli | undefined, start: () => RunningCli): Promise<RunningCli> {
  old?.process.kill('SIGKILL');
  if (old !== undefined) ended.push(old);
  await old?.ended;
  return start();
}

const workers = [0, 1, 2].map(startWorker);
let coordinator = startCoordinator();
const random = createRandom(seed);
/** Between two kills: as slow as the machine is, so that all of them fall into the job's time. */
const pause = (): Promise<void> => sleep(((0.5 + random()) * calmMs) / (4 * rounds));
const seen: string[] = [];
let done = 0;
const isOver = (): boolean => coordinator.process.exitCode !== null;
for (let round = 0; round < rounds && !isOver(); round += 1) {
  for (const at of [0, 1, 2]) {
    await pause();
    workers[at] = await again(workers[at], () => startWorker(at));
  }
  await pause();
  if (isOver()) break;
  coordinator = await again(coordinator, startCoordinator);
  await pause();
  seen.push(await redis.everything());
  await redis.restart(round % 2 === 1);
  done += 1;
  const files = await readdir(join(bench.results, job), { recursive: true }).catch(() => []);
  const there = files.filter((name) => /^[^/]*__[^/]*\/result\.json$/.test(name)).length;
  console.log(`round ${round + 1} at ${seconds()}: ${there} trials are there`);
}
holds('every round came before the end', done === rounds, `${done} of ${rounds} rounds`);
const last = await Promise.race([coordinator.ended, sleep(limitMs, undefined, { ref: false })]);
console.log(`disturbed: over at ${seconds()}`);
if (last === undefined) coordinator.process.kill('SIGKILL');
else holds('the command ends as if nothing had been', last.code === 0, `exit code ${last.code}`);
if (last !== undefined && last.code !== 0) console.log(last.stderr.slice(-3_000));

const stays =
  /:(over|mark|worker|coordinator):|:pieces:task-|^tbench:trials-[^:]+:(meta|events|id|stalled-check|stalled)$/;
let left: readonly string[] = [];
for (let waited = 0; waited < 60; waited += 1) {
  left = (await redis.keys()).filter((key) => !stays.test(key));
  if (left.length === 0) break;
  await sleep(1_000);
}
holds('nothing of the job is left in Redis', left.length === 0, left.slice(0, 5).join(' ') || 'no key');
seen.push(await redis.everything());
for (const worker of workers) worker.process.kill('SIGINT');
const texts = [...ended, ...workers].map(async (one) => (await one.ended).stderr);
const makings = (await Promise.all(texts)).join('\n').match(/: made and delivered/g)?.length ?? 0;

const [calm, disturbed] = [await trialsOf(bench.results, 'calm'), await trialsOf(bench.results, job)];
const all = [...disturbed.values()];
const same = (of: (trial: Trial) => unknown): boolean =>
  [...calm].every(([name, trial]) => {
    const other = disturbed.get(name);
    return other !== undefined && of(other) === of(trial);
  });
const measured = all.filter(({ reward }) => reward !== null).length;
holds('30 trials, each once', disturbed.size === 30 && calm.size === 30, `${disturbed.size} trials`);
holds('each measured', measured === all.length, `${measured} of ${all.length}`);
holds(
  'rewards as undisturbed',
  same(({ reward }) => reward),
  `${all.filter(({ reward }) => reward === 1).length} of ${all.length} passed`,
);
holds(
  'turns as undisturbed',
  same((trial) => trial.turns),
  `${all.reduce((sum, trial) => sum + trial.turns, 0)} turns`,
);
const dots = (await readdir(join(bench.results, job))).filter((name) => name.startsWith('.'));
holds('nothing half arrived is left in the job', dots.length === 0, dots.join(' ') || 'nothing');
const spooled = await Promise.all(
  [0, 1, 2].map(async (at) => [
    ...(await readdir(join(bench.dir, `spool-${at}`))).filter((name) => name.endsWith('.json')),
    ...(await readdir(join(bench.dir, `spool-${at}`, 'jobs')).catch(() => [])),
  ]),
);
holds('nothing is left in the spools', spooled.flat().length === 0, `${spooled.flat().length} entries`);
const containers = await containersOf(job);
holds('no sandbox is left', containers.length === 0, `${containers.length} containers`);
const found = Object.values(keys).filter((key) => seen.some((text) => text.includes(key)));
holds('no key was in Redis', found.length === 0, `${seen.length} looks at all of it`);
console.log(`workers finished ${makings} tries for these trials`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
