import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { claimJob } from '../job/store/job-claim.js';
import { jobPaths } from '../results/layout.js';
import { readJobStatus } from '../review/live/job-status.js';
import { timeLeft } from '../review/live/live-job.js';
import { readLiveJob } from '../review/live/read-live-job.js';
import { readStory } from '../review/story/read-story.js';
import { followTurns } from '../review/turns/follow-turns.js';
import { renderStatus } from './status-text.js';
import { renderFollowed } from './trial/turn-text.js';

const golden = fileURLToPath(new URL('../../test/fixtures/golden-0.1.0', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'tbench-status-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const at = '2026-11-27T02:00:00.000Z';
const later = new Date('2026-11-27T02:30:00.000Z');

function happen(job: string, ...events: readonly Record<string, unknown>[]): void {
  appendFileSync(
    join(job, 'events.jsonl'),
    events.map((event) => `${JSON.stringify({ at, ...event })}\n`).join(''),
  );
}

it('tells where a job stands that another process works on', async () => {
  const job = join(dir, 'running');
  cpSync(join(golden, 'interrupted'), job, { recursive: true });
  const end = {
    ...{ trial: 'a__1', task: 'a', attempt: 1, tries: 1, outcome: { kind: 'scored', reward: 1 }, reward: 1 },
    ...{
      ending: 'submitted',
      verdict: 'clean',
      exception: null,
      tokens: { input: 1, cached: null, output: 1 },
    },
  };
  happen(
    job,
    { kind: 'job-start', job: 'old', total: 1, reused: 0 },
    { kind: 'job-start', job: 'running', total: 6, reused: 0 },
    { kind: 'trial-end', end },
    { kind: 'trial-start', trial: 'b\u001b[31m__1', task: 'b', attempt: 1 },
    { kind: 'trial-phase', trial: 'b\u001b[31m__1', phase: 'agent' },
    {
      kind: 'trial-turn',
      trial: 'b\u001b[31m__1',
      progress: {
        ...{ turn: 7, contextTokens: 12_345, contextLimit: 65_536 },
        ...{ spentMs: 60_000, limitMs: 3_600_000 },
      },
    },
  );
  await using _lock = await claimJob(jobPaths(job));
  const status = await readJobStatus(job, later);
  expect(status).toMatchObject({ state: 'running', planned: 6, ended: 3 });
  expect(status.endsPerHour).toBeCloseTo(2);
  expect(status.endExpectedAt).toBe('2026-11-27T04:00:00.000Z');
  const text = renderStatus(status, later, 100);
  expect(text).toContain('running: running, 3 of 6 trials ended, for 30.0 min');
  expect(text).toMatch(/agent +7 +12.3 k of 65.5 k +30.0 min +29.0 min/);
  expect(text).toContain('a__1 reward 1, submitted');
  expect(text).not.toMatch(/\u001b/);
});

it('holds the time that is left while a person has paused, and lets it run from there', async () => {
  const job = join(dir, 'paused');
  mkdirSync(job);
  const trial = 'a__1';
  const minutes = (count: number): string => new Date(Date.parse(at) + count * 60_000).toISOString();
  const progress = { turn: 0, contextTokens: 0, spentMs: 0, limitMs: 600_000 };
  const control = (action: string) => ({ kind: 'job-control', command: { action, trials: [] } });
  happen(
    job,
    { kind: 'job-start', job: 'paused', total: 1, reused: 0 },
    { kind: 'trial-start', trial, task: 'a', attempt: 1 },
    { kind: 'trial-phase', trial, phase: 'agent' },
    { kind: 'trial-turn', trial, progress },
    { at: minutes(1), ...control('pause') },
  );
  const leftAt = async (count: number): Promise<number | null> => {
    const found = (await readLiveJob(job))?.job.running.get(trial);
    return found === undefined ? null : timeLeft(found, Date.parse(minutes(count)));
  };
  expect(await leftAt(5)).toBe(540_000);
  happen(job, { at: minutes(5), ...control('resume') });
  expect(await leftAt(7)).toBe(420_000);
});

it('is the story of a job of which nothing has ended', async () => {
  const job = join(dir, 'begun');
  mkdirSync(join(job, 'a__1'), { recursive: true });
  happen(job, { kind: 'job-start', job: 'begun', total: 2, reused: 0 });
  const story = await readStory(job);
  expect(story).toMatchObject({ kind: 'begun', status: { state: 'stopped', planned: 2, ended: 0 } });
  await expect(readStory(join(job, 'a__1'))).rejects.toMatchObject({
    hint: expect.stringContaining('--follow') as string,
  });
});

it('tells a job that nobody works on any more', async () => {
  const status = await readJobStatus(join(golden, 'interrupted'), later);
  expect(status).toMatchObject({ state: 'stopped', planned: 6, ended: 3, running: [] });
  expect((await readJobStatus(join(golden, 'finished'), later)).state).toBe('done');
});

it('reads only what came since the last time, a torn line left for later', async () => {
  const job = join(dir, 'torn');
  mkdirSync(job);
  happen(job, { kind: 'job-start', job: 'j', total: 2, reused: 0 });
  const line = JSON.stringify({ at, kind: 'trial-start', trial: 'a__1', task: 'a', attempt: 1 });
  appendFileSync(join(job, 'events.jsonl'), line.slice(0, 20));
  const first = await readLiveJob(job);
  expect(first?.job.running.size).toBe(0);
  appendFileSync(join(job, 'events.jsonl'), `${line.slice(20)}\n`);
  const second = await readLiveJob(job, first ?? undefined);
  expect([...(second?.job.running.keys() ?? [])]).toEqual(['a__1']);
  expect(second?.job.total).toBe(2);
});

it('follows a conversation as plain text until the trial has a result', async () => {
  const trial = join(dir, 'trial');
  mkdirSync(join(trial, 'agent'), { recursive: true });
  const lines = readFileSync(
    join(golden, 'finished/fix-interval-merge__2/agent/journal.jsonl'),
    'utf8',
  ).split('\n');
  writeFileSync(join(trial, 'agent/journal.jsonl'), `${lines.slice(0, 3).join('\n')}\n`);
  let text = '';
  for await (const one of followTurns(trial, { follow: true, signal: new AbortController().signal })) {
    text += renderFollowed(one);
    if (one.kind !== 'turn' || one.turn.number !== 1) continue;
    appendFileSync(join(trial, 'agent/journal.jsonl'), `${lines.slice(3, 5).join('\n')}\n`);
    writeFileSync(join(trial, 'result.json'), '{}');
  }
  expect(text).toContain('── user\nHere is the task');
  expect(text).toContain('bash$ cd /app && cat calendar_lib/intervals.py');
  expect(text).toContain('[exit 0]');
  expect(text).toContain('── turn 2');
});

it('follows the steps of a trial one after the other, a later one while it is followed', async () => {
  const trial = join(dir, 'stepped');
  const lines = readFileSync(
    join(golden, 'finished/fix-interval-merge__2/agent/journal.jsonl'),
    'utf8',
  ).split('\n');
  const begin = (step: string, count: number): void => {
    mkdirSync(join(trial, 'steps', step, 'agent'), { recursive: true });
    writeFileSync(join(trial, 'steps', step, 'agent/journal.jsonl'), `${lines.slice(0, count).join('\n')}\n`);
  };
  begin('zuerst', 3);
  let text = '';
  for await (const one of followTurns(trial, { follow: true, signal: new AbortController().signal })) {
    text += renderFollowed(one);
    if (one.kind !== 'turn') continue;
    if (text.includes('step danach')) writeFileSync(join(trial, 'result.json'), '{}');
    else begin('danach', 3);
  }
  expect([...text.matchAll(/^── turn \d|^══ .*/gm)].map(([line]) => line)).toEqual([
    '══ step zuerst',
    '── turn 1',
    '══ step danach',
    '── turn 1',
  ]);
});
