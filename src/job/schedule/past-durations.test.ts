import { mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../../test/doubles/task-folder.js';
import { pastDurations } from './past-durations.js';

const forever = new AbortController().signal;
const live = (name: string) => ({ name, kind: 'live' as const });

interface Recorded {
  readonly job: string;
  readonly model: string;
  readonly task: string;
  readonly seconds: number;
  readonly reward?: number | null;
}

/** A folder as Harbor writes it, of one trial. */
async function record(results: string, { job, model, task, seconds, reward = 1 }: Recorded): Promise<void> {
  const dir = join(results, job, `${task}__1`);
  await mkdir(dir, { recursive: true });
  const started = Date.UTC(2026, 5, 1);
  await writeFile(
    join(dir, 'result.json'),
    JSON.stringify({
      id: `${job}-${task}`,
      task_name: task,
      trial_name: `${task}__1`,
      agent_info: { name: 'terminus-2', version: '2', model_info: { name: model, provider: null } },
      verifier_result: reward === null ? null : { rewards: { reward } },
      started_at: new Date(started).toISOString(),
      finished_at: new Date(started + seconds * 1000).toISOString(),
    }),
  );
}

const of = (resultsDir: string, model: string, jobDir = join(resultsDir, 'next')) =>
  pastDurations({ resultsDir, jobDir, model: live(model), tasks: new Set(['a', 'b']) }, forever);

test('the past of the same model goes before that of others, task by task', async () => {
  await using folder = await scratchFolder();
  await record(folder.dir, { job: 'mine', model: 'm', task: 'a', seconds: 100 });
  await record(folder.dir, { job: 'theirs', model: 'other', task: 'a', seconds: 900 });
  await record(folder.dir, { job: 'theirs-2', model: 'other', task: 'b', seconds: 400 });
  await record(folder.dir, { job: 'theirs-3', model: 'third', task: 'b', seconds: 600 });
  await record(folder.dir, { job: 'mine', model: 'm', task: 'elsewhere', seconds: 5 });
  expect(Object.fromEntries(await of(folder.dir, 'm'))).toEqual({ a: 100_000, b: 500_000 });
});

test('a trial without a verdict, a folder of something else and the job itself are no past', async () => {
  await using folder = await scratchFolder();
  await record(folder.dir, { job: 'broken', model: 'm', task: 'a', seconds: 5, reward: null });
  await record(folder.dir, { job: 'self', model: 'm', task: 'a', seconds: 7 });
  await mkdir(join(folder.dir, 'holiday-pictures'));
  await writeFile(join(folder.dir, 'notes.txt'), 'x');
  expect((await of(folder.dir, 'm', join(folder.dir, 'self'))).size).toBe(0);
  await rm(folder.dir, { recursive: true });
  expect((await of(folder.dir, 'm')).size).toBe(0);
});

test('only the newest folders are read', async () => {
  await using folder = await scratchFolder();
  for (let index = 0; index < 12; index += 1) await mkdir(join(folder.dir, `empty-${index}`));
  await record(folder.dir, { job: 'old', model: 'm', task: 'a', seconds: 100 });
  await utimes(join(folder.dir, 'old'), 1, 1);
  expect((await of(folder.dir, 'm')).size).toBe(0);
});
