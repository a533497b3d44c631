import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { agentOf, openJobBench } from '../../../test/doubles/trial-tools.js';
import { SandboxError } from '../../base/errors.js';
import { eventLineSchema, type JobEvent } from '../../record/event.js';
import { jobConfigSchema } from '../../record/job-config.js';
import { jobResultSchema, type JobResult } from '../../record/job-result.js';
import { countEvent, jobTotals, type DoneTrials } from './job-totals.js';
import { runJob } from '../run-job.js';

const forever = new AbortController().signal;
const nop = agentOf(() => 'finished');

/** The events of a job's folder as a reader finds them; lines that are none are passed over. */
async function readEvents(dir: string): Promise<JobEvent[]> {
  const lines = (await readFile(join(dir, 'events.jsonl'), 'utf8')).split('\n');
  return lines.flatMap((line) => {
    try {
      return eventLineSchema.parse(JSON.parse(line));
    } catch {
      return [];
    }
  });
}

async function readTotals(dir: string): Promise<JobResult> {
  return jobResultSchema.parse(JSON.parse(await readFile(join(dir, 'result.json'), 'utf8')));
}

async function totalsOfEvents(dir: string): Promise<JobResult> {
  const done: DoneTrials = new Map();
  for (const event of await readEvents(dir)) countEvent(done, event);
  const config = jobConfigSchema.parse(JSON.parse(await readFile(join(dir, 'config.json'), 'utf8')));
  return jobTotals({ config, done, cancelled: new Set(), total: 4, startedAt: '', finishedAt: '' });
}

test('events.jsonl holds every event that was shown, and job.log those for people', async () => {
  await using bench = await openJobBench(1);
  const { dir } = await runJob(bench.request({ run: { attempts: 1 } }), bench.tools(nop), forever);
  expect(await readEvents(dir)).toMatchObject(bench.events);
  const log = (await readFile(join(dir, 'job.log'), 'utf8')).replace(/^\S+ /gm, '');
  expect(log).toBe(
    'job job: 1 trials, 0 already done\ntask-1__1 start\ntask-1__1 end: reward 1, finished\njob job end\n',
  );
});

test('the totals can be made again from the events, also of a job that was continued', async () => {
  await using bench = await openJobBench(2);
  let calls = 0;
  const flaky = agentOf(() => {
    calls += 1;
    if (calls === 1) throw new SandboxError('the container vanished');
    return 'finished';
  });
  await runJob(bench.request({ run: { attempts: 1 } }), bench.tools(flaky), forever);
  const { dir } = await runJob(bench.request({ run: { attempts: 2 } }), bench.tools(nop), forever);
  const { stats } = await readTotals(dir);
  expect(stats).toMatchObject({ n_completed_trials: 4, n_pending_trials: 0, n_retries: 1 });
  expect((await totalsOfEvents(dir)).stats).toEqual(stats);
});

test('a process that died with a torn event and old totals loses nothing: both are whole at the next start', async () => {
  await using bench = await openJobBench(2);
  // One after the other: trial names stand in the totals in the order in which they ended.
  const request = bench.request({ run: { concurrency: 1 } });
  const { dir } = await runJob(request, bench.tools(nop), forever);
  const before = await readTotals(dir);
  await writeFile(join(dir, 'result.json'), '{"n_total');
  const events = await readFile(join(dir, 'events.jsonl'), 'utf8');
  await writeFile(join(dir, 'events.jsonl'), events.slice(0, -40));
  await appendFile(join(dir, 'job.log'), '2026-01-01T00:00:00.000Z task-1');
  expect(await runJob(request, bench.tools(nop), forever)).toMatchObject({ reused: 4 });
  const { stats, finished_at } = await readTotals(dir);
  expect(finished_at).not.toBeNull();
  expect(stats).toEqual(before.stats);
  expect((await totalsOfEvents(dir)).stats).toEqual(before.stats);
  expect(await readFile(join(dir, 'job.log'), 'utf8')).toMatch(
    / task-1\n\S+ job job: 4 trials, 4 already done\n/,
  );
});

test('a job of an older version, which has no events, is continued and its trials are counted', async () => {
  await using bench = await openJobBench(1);
  const { dir } = await runJob(bench.request({ run: { attempts: 1 } }), bench.tools(nop), forever);
  await rm(join(dir, 'events.jsonl'));
  await runJob(bench.request({ run: { attempts: 2 } }), bench.tools(nop), forever);
  expect((await readTotals(dir)).stats).toMatchObject({ n_completed_trials: 2 });
});

test('no message of a task or a server steers the terminal that shows job.log, or forges a line of it', async () => {
  await using bench = await openJobBench(1);
  const hostile = agentOf(() => {
    throw new SandboxError('\u001b[2J\u202eevil\rjob job end');
  });
  const { dir } = await runJob(
    bench.request({ run: { attempts: 1, retries: 0 } }),
    bench.tools(hostile),
    forever,
  );
  const log = await readFile(join(dir, 'job.log'), 'utf8');
  expect(log).toContain('SandboxError: ?[2J?evil?job job end\n');
  expect(log).not.toMatch(/[^\P{C}\n]/u);
});

test('secrets reach neither the events nor the log', async () => {
  await using bench = await openJobBench(1);
  const leaky = agentOf(() => {
    throw new SandboxError('refused key hunter2-hunter2');
  });
  const tools = {
    ...bench.tools(leaky),
    redact: (text: string) => text.replaceAll('hunter2-hunter2', '[redacted]'),
  };
  const { dir } = await runJob(bench.request({ run: { attempts: 1, retries: 0 } }), tools, forever);
  for (const name of ['events.jsonl', 'job.log', 'config.json', join('task-1__1', 'result.json')])
    expect(await readFile(join(dir, name), 'utf8')).not.toContain('hunter2');
  expect(await readFile(join(dir, 'job.log'), 'utf8')).toContain('refused key [redacted]');
});

test('config.json holds the run and the digest of the whole dataset, whatever tasks were chosen', async () => {
  await using bench = await openJobBench(2);
  const configOf = async (name: string, tasks = bench.dataset.tasks) => {
    const request = bench.request({
      name,
      dir: join(bench.dir, 'results', name),
      tasks,
      run: { attempts: 1 },
    });
    const { dir } = await runJob(request, bench.tools(nop), forever);
    return jobConfigSchema.parse(JSON.parse(await readFile(join(dir, 'config.json'), 'utf8'))).tbench;
  };
  const [all, one] = [await configOf('all'), await configOf('one', bench.dataset.tasks.slice(0, 1))];
  expect(all['run']).toMatchObject({ agent: { kind: 'nop' }, attempts: 1 });
  expect(all.dataset.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(one.dataset.digest).toBe(all.dataset.digest);
  expect(one.tasks).toHaveLength(1);
});
