import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createNop } from '../../src/agent/nop.js';
import { runJob } from '../../src/job/run-job.js';
import { readJob } from '../../src/review/read-job.js';
import { simulateOrders } from '../../scripts/simulate-order.js';
import { openJobBench } from '../../test/doubles/trial-tools.js';
import { FakeVllm, type SeenRequest } from '../../test/doubles/vllm/fake-vllm.js';
import type { ModelReply } from '../../test/doubles/vllm/generate.js';
import { figure, type Figure } from '../figure.js';
import type { WaitingFigures } from './waiting-trials.js';

const turns = 3;
const answerMs = 10_000;
const tasks = 2_000;
const attempts = 5;
const openings = 3;

/** What a job costs beside its trials: the order of them, waiting for the model, and opening one that is on record. */
export async function job(): Promise<readonly Figure[]> {
  return [...(await orders()), ...(await waiting()), ...(await opening())];
}

/** Makespan over its lower bound; the whole table is what scripts/simulate-order.ts prints. */
async function orders(): Promise<Figure[]> {
  const rows = await simulateOrders('test/fixtures/trial-durations.json');
  return rows.map(({ attempts: many, order, slots, ratio }) =>
    figure(`${many} attempts, ${slots} at once, ${order}`, '× bound', [ratio]),
  );
}

function reply({ body }: SeenRequest): ModelReply {
  const turn = body.messages.filter(({ role }) => role === 'assistant').length + 1;
  const command = turn < turns ? 'make' : 'echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT';
  return { thought: `Turn ${turn}.`, content: 'THOUGHT: on.', command };
}

async function waiting(): Promise<Figure[]> {
  await using server = await FakeVllm.start({
    model: 'tiny',
    reply,
    fault: () => ({ kind: 'whole', afterMs: answerMs }),
  });
  const program = fileURLToPath(new URL('waiting-trials.ts', import.meta.url));
  const args = ['--import', 'tsx', program, server.baseUrl];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 });
  const { delayMs, memoryMiB, trials } = JSON.parse(stdout) as WaitingFigures;
  const most = memoryMiB.reduce((all, one) => Math.max(all, one), 0);
  return [
    figure(`${trials} trials that wait: event-loop delay, median`, 'ms', [delayMs.p50]),
    figure(`${trials} trials that wait: event-loop delay, p99`, 'ms', [delayMs.p99]),
    figure(`${trials} trials that wait: memory of the process, most`, 'MiB', [most]),
  ];
}

/** A job of 10,000 trials, all done: until it is continued, which finds nothing to make, and until it is read for a table. */
async function opening(): Promise<Figure[]> {
  await using bench = await openJobBench(tasks);
  const signal = new AbortController().signal;
  const nop = createNop('0');
  const request = bench.request({ run: { attempts, concurrency: 64 } });
  const one = bench.request({ run: { attempts: 1, concurrency: 64 }, tasks: request.tasks.slice(0, 1) });
  await runJob(one, bench.tools(nop), signal);
  await copyTrials(request.dir);
  const [continued, read]: [number[], number[]] = [[], []];
  for (let round = 0; round < openings; round += 1) {
    const began = performance.now();
    const { reused } = await runJob(request, bench.tools(nop), signal);
    continued.push((performance.now() - began) / 1000);
    if (reused !== tasks * attempts) throw new Error(`${reused} trials were found`);
    const reads = performance.now();
    await readJob(request.dir, signal);
    read.push((performance.now() - reads) / 1000);
  }
  return [
    figure('a job of 10,000 recorded trials is continued, nothing missing', 's', continued),
    figure('a job of 10,000 recorded trials is read for a table', 's', read),
  ];
}

/** Makes the record of one trial that of every other, by name. */
async function copyTrials(dir: string): Promise<void> {
  const first = join(dir, 'task-1__1');
  const record = await readFile(join(first, 'result.json'), 'utf8');
  for (let task = 1; task <= tasks; task += 1)
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const name = `task-${task}__${attempt}`;
      if (name === 'task-1__1') continue;
      const target = join(dir, name);
      await mkdir(target);
      await cp(join(first, 'agent'), join(target, 'agent'), { recursive: true });
      const { tbench, ...rest } = JSON.parse(record) as { readonly tbench: object };
      const own = { ...rest, task_name: `task-${task}`, trial_name: name };
      const text = JSON.stringify({ ...own, tbench: { ...tbench, task: `task-${task}`, attempt } });
      await writeFile(join(target, 'result.json'), text);
    }
}
