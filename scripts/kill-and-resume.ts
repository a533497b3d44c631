/**
 * `npm run test:kill [-- KILLS SEED]`: a job of 30 trials in real sandboxes whose tbench is killed again and again (SIGKILL, 50
 * times by default, at instants drawn from a seed) and started anew with the same command, held against the same job left alone.
 * The model is a stand-in that answers by the conversation alone, slowly. Every command of an agent counts itself in its sandbox, so
 * that one that ran twice, or never, changes the reward. Ends with a line `N passed, N failed`.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventLineSchema, type EventLine } from '../src/record/event.js';
import { createRandom } from '../src/score/statistics/random.js';
import { FakeVllm, type SeenRequest } from '../test/doubles/vllm/fake-vllm.js';
import type { Fault } from '../test/doubles/vllm/faults.js';
import type { ModelReply } from '../test/doubles/vllm/generate.js';
import { containersOf, openCliBench, runCli, startCli } from '../test/integration/cli.js';

const [kills, seed] = [Number(process.argv[2] ?? 50), Number(process.argv[3] ?? Date.now() % 1_000_000)];
const random = createRandom(seed);
const trials = 30;
const turns = 10;
/** Of a turn: the model's answer, and its command. */
const [answerMs, commandSeconds] = [3_000, 2];
/** Trials at once in the job that is left alone, and in the one that is killed. */
const [calmSlots, slots] = [8, 5];
/** One kill of so many meets a process that still opens the job. */
const killsOfOpening = 8;
/** Of the time that the job still needs, so much is divided among the kills to come, evenly in the mean. */
const killedShare = 0.8;

function reply({ body }: SeenRequest): ModelReply {
  const turn = body.messages.filter(({ role }) => role === 'assistant').length + 1;
  const count = `echo ${turn} >> /srv/count; sleep ${commandSeconds}`;
  const counted = Array.from({ length: turns - 2 }, (_, at) => `${at + 1} `).join('');
  const check = `[ "$(cat /srv/count | tr '\\n' ' ')" = "${counted}" ] && touch /srv/done`;
  const submit = 'echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT';
  const command = turn < turns - 1 ? count : turn === turns - 1 ? check : submit;
  return { thought: `Turn ${turn}.`, content: 'THOUGHT: on.', command };
}

const tasks = Object.fromEntries(Array.from({ length: trials / 3 }, (_, at) => [`task-${at}`, []]));
await using bench = await openCliBench(tasks);
/** A start of tbench asks a server a few things of its own: only an agent waits. */
const slowly = ({ body }: SeenRequest): Fault | null =>
  JSON.stringify(body.messages).includes('/srv/done') ? { kind: 'whole', afterMs: answerMs } : null;
await using server = await FakeVllm.start({ model: 'tiny', reply, fault: slowly });
const argsOf = (job: string, concurrency: number): string[] => [
  ...['run', '--dataset', join(bench.dir, 'tasks'), '--results', bench.results, '--job', job, '--json'],
  ...['--model', 'tiny', '--base-url', server.baseUrl, '--attempts', '3', '-n', `${concurrency}`],
  ...['--pull', 'never'],
];

interface Trial {
  readonly reward: number | null;
  readonly turns: number;
  readonly tries: number;
  readonly resumed: number;
}

async function trialsOf(job: string): Promise<ReadonlyMap<string, Trial>> {
  const names = (await readdir(join(bench.results, job))).filter((name) => name.includes('__')).sort();
  const read = names.map(async (name): Promise<[string, Trial]> => {
    const text = await readFile(join(bench.results, job, name, 'result.json'), 'utf8');
    const result = JSON.parse(text) as {
      readonly verifier_result: { readonly rewards: { readonly reward: number } } | null;
      readonly tbench: {
        readonly tries: number;
        readonly totals: { readonly turns: number };
        readonly resumed?: readonly unknown[];
      };
    };
    const { tries, totals, resumed = [] } = result.tbench;
    const reward = result.verifier_result?.rewards.reward ?? null;
    return [name, { reward, turns: totals.turns, tries, resumed: resumed.length }];
  });
  return new Map(await Promise.all(read));
}

async function eventsOf(job: string): Promise<readonly EventLine[]> {
  const text = await readFile(join(bench.results, job, 'events.jsonl'), 'utf8').catch(() => '');
  const parsed = text.split('\n').flatMap((line) => {
    try {
      return [eventLineSchema.parse(JSON.parse(line))];
    } catch {
      // The last line of a killed process may be torn.
      return [];
    }
  });
  return parsed;
}

/** In which phase each trial was that the last process had begun and not ended, whether it had come to going on with it or not. */
async function underWay(job: string): Promise<ReadonlyMap<string, string>> {
  const phases = new Map<string, string>();
  for (const event of await eventsOf(job)) {
    if (event.kind === 'trial-end') phases.delete(event.end.trial);
    if (event.kind === 'trial-start' && !phases.has(event.trial)) phases.set(event.trial, 'begun');
    if (event.kind === 'trial-phase') phases.set(event.trial, event.phase);
  }
  return phases;
}

async function isThere(path: string): Promise<boolean> {
  return readFile(path).then(
    () => true,
    () => false,
  );
}

let [passed, failed] = [0, 0];
function holds(what: string, isSo: boolean, seen: string): void {
  if (isSo) passed += 1;
  else failed += 1;
  console.log(`${isSo ? 'ok' : 'FAILED'}: ${what}: ${seen}`);
}

const seconds = (since: number): number => Math.round((performance.now() - since) / 1000);

const calmBegan = performance.now();
const calmEnd = await runCli(argsOf('calm', calmSlots));
if (calmEnd.code !== 0) throw new Error(`the job failed without a kill:\n${calmEnd.stderr}`);
const trialMs = ((performance.now() - calmBegan) * calmSlots) / trials;
console.log(`seed ${seed}; undisturbed, ${calmSlots} at once: ${seconds(calmBegan)} s`);

const job = `killed-${process.pid}`;
const args = argsOf(job, slots);
const killed = { opening: 0, working: 0 };
const cutOff = new Map<string, number>();
const killedBegan = performance.now();
let opensMs = 2_000;
let isOver = false;
for (let at = 0; at < kills && !isOver; at += 1) {
  const started = performance.now();
  const run = startCli(args);
  const hasEnded = run.ended.then(() => true);
  const after = (ms: number): Promise<boolean> => sleep(ms).then(() => false);
  if (at % killsOfOpening === 0) {
    isOver = await Promise.race([hasEnded, after(random() * opensMs)]);
    killed.opening += 1;
  } else {
    await run.saw(`job ${job}:`);
    opensMs = performance.now() - started;
    const ended = (await eventsOf(job)).filter(({ kind }) => kind === 'trial-end').length;
    const leftMs = ((trials - ended) * trialMs) / slots;
    isOver = await Promise.race([hasEnded, after((random() * 2 * killedShare * leftMs) / (kills - at))]);
    killed.working += 1;
  }
  run.process.kill('SIGKILL');
  await run.ended;
  for (const [trial, phase] of await underWay(job)) {
    const canGoOn = await isThere(join(bench.results, job, trial, 'claim.json'));
    const where = canGoOn
      ? 'its agent acting'
      : `in ${phase === 'agent' ? 'the last moment of its agent' : phase}`;
    cutOff.set(where, (cutOff.get(where) ?? 0) + 1);
  }
}
const last = await runCli(args);
console.log(
  `killed ${killed.working} times while trials ran and ${killed.opening} while the job was opened: ${seconds(killedBegan)} s in all`,
);
console.log('trials under way at those instants, once for each kill that they met:');
for (const [where, count] of [...cutOff].sort((a, b) => b[1] - a[1])) console.log(`  ${count} ${where}`);

const [calm, disturbed] = [await trialsOf('calm'), await trialsOf(job)];
const all = [...disturbed.values()];
const adopted = all.reduce((sum, { resumed }) => sum + resumed, 0);
const anew = all.reduce((sum, { tries }) => sum + tries - 1, 0);
const same = (of: (trial: Trial) => unknown): boolean =>
  [...calm].every(([name, trial]) => {
    const other = disturbed.get(name);
    return other !== undefined && of(other) === of(trial);
  });
const measured = all.filter(({ reward }) => reward !== null).length;
const ends = (await eventsOf(job)).filter(({ kind }) => kind === 'trial-end').length;
holds('every kill fell into the job', !isOver, isOver ? 'the job was over before' : `${kills} kills`);
holds('the command ends as if nothing had been', last.code === 0, `exit code ${last.code}`);
holds(`${trials} trials`, disturbed.size === trials && calm.size === trials, `${disturbed.size}`);
holds('each measured once', measured === trials && ends === trials, `${measured} measured, ${ends} ends`);
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
holds(
  'of the trials cut off at least 80 % were adopted',
  adopted >= 0.8 * (adopted + anew),
  `${adopted} adopted, ${anew} made anew: ${((100 * adopted) / (adopted + anew)).toFixed(1)} %`,
);
for (const note of (await eventsOf(job)).filter(({ kind }) => kind === 'trial-note'))
  if ('text' in note && note.text.startsWith('made anew')) console.log(`  ${note.text}`);
const left = await containersOf(job);
holds('nothing is left', left.length === 0, `${left.length} containers`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
