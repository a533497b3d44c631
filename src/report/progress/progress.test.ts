import { expect, test } from 'vitest';
import type { JobEvent } from '../../record/event.js';
import { overallReward } from '../../record/reward.js';
import type { TrialEnd } from '../../record/trial-end.js';
import { advanceProgress, startProgress } from './progress-state.js';
import { renderDuration, renderProgress } from './render-progress.js';

const end = (trial: string, reward: number | null): TrialEnd => ({
  trial,
  task: trial,
  attempt: 1,
  tries: 1,
  outcome: reward === null ? { kind: 'unmeasured', blame: 'verifier' } : { kind: 'scored', reward },
  reward,
  ending: 'submitted',
  verdict: null,
  exception: null,
  tokens: { input: null, cached: null, output: null },
});

const play = (events: readonly JobEvent[]) =>
  events.reduce((state, event) => advanceProgress(state, event, 0), startProgress(0));

const start: JobEvent = { kind: 'job-start', job: 'demo', total: 4, reused: 1 };
const reused: JobEvent = { kind: 'trial-reused', end: end('z__1', 1) };
const running: JobEvent = { kind: 'trial-start', trial: 'a__1', task: 'a', attempt: 1 };

test('shows what is done, the running mean and each running trial', () => {
  const state = play([
    start,
    reused,
    running,
    { kind: 'trial-turn', trial: 'a__1', progress: { turn: 3, contextTokens: 12_345 } },
    { kind: 'trial-start', trial: 'b__1', task: 'b', attempt: 1 },
    { kind: 'trial-end', end: end('b__1', 0) },
  ]);
  const text = renderProgress(state, { columns: 100, rows: 24, nowMs: 60_000 });
  expect(text).toContain('2/4  mean 50.0 %  ETA 2:00');
  expect(text).toContain('a #1  start  turn 3  12.3k tokens  60 s');
  expect(text).not.toContain('b #1  start');
  expect(text).toContain('1 passed, 1 failed, 0 without verdict  1:00');
  expect(text).toContain('b__1 #1  failed, submitted');
});

test('reused trials do not make the ETA look faster than it is', () => {
  const text = renderProgress(play([start, reused]), { columns: 100, rows: 24, nowMs: 1000 });
  expect(text).toContain('ETA ?');
});

test('no line is wider than the terminal and no control character reaches it', () => {
  const hostile: JobEvent = { kind: 'job-note', text: `\u001b[2J${'wide 漢字 '.repeat(50)}` };
  const text = renderProgress(play([start, reused, running, hostile]), { columns: 40, rows: 24, nowMs: 0 });
  expect(text).not.toContain('\u001b');
  for (const line of text.split('\n')) expect(line.length).toBeLessThan(40);
});

test('more trials than rows are counted, not scrolled', () => {
  const many = Array.from({ length: 30 }, (_, n): JobEvent => ({
    kind: 'trial-start',
    trial: `t${n}`,
    task: 't',
    attempt: n,
  }));
  const lines = renderProgress(play([start, reused, ...many]), { columns: 80, rows: 12, nowMs: 0 }).split(
    '\n',
  );
  expect(lines.length).toBeLessThanOrEqual(12);
  expect(lines.join()).toContain('and 22 more');
});

test('a trial without a verdict counts 0 in the mean and is said', () => {
  const text = renderProgress(play([start, reused, running, { kind: 'trial-end', end: end('a__1', null) }]), {
    columns: 100,
    rows: 24,
    nowMs: 0,
  });
  expect(text).toContain('mean 50.0 %');
  expect(text).toContain('1 without verdict');
});

test('durations read as clock times', () => {
  expect([5_000, 65_000, 3_725_000].map(renderDuration)).toEqual(['0:05', '1:05', '1:02:05']);
});

test('the mean is of the one reward a trial has, exact and rounded once as in the tables', () => {
  const ends = Array.from({ length: 80 }, (_, n): JobEvent => ({
    kind: 'trial-end',
    end: end(`t${n}`, [1, 0.5, 0.6][n % 3] ?? 0),
  }));
  const text = (events: readonly JobEvent[]): string =>
    renderProgress(play(events), { columns: 100, rows: 24, nowMs: 0 });
  const rewards = { style: 1, tests: 0.5 };
  expect(text([{ kind: 'trial-end', end: end('a', overallReward(rewards)) }])).toContain('mean 75.0 %');
  expect(text(ends)).toContain('mean 70.1 %');
  expect(text([{ kind: 'trial-end', end: end('a', null) }])).toContain('mean –');
});

test('tells what the model wrote in the last minute as tokens a second', () => {
  const turn = (outputTokens: number | null): JobEvent => ({
    kind: 'trial-turn',
    trial: 'a__1',
    progress: { turn: 1, contextTokens: 1, outputTokens },
  });
  const at = (nowMs: number, events: readonly JobEvent[]): string =>
    renderProgress(play([start, running, ...events]), { columns: 100, rows: 24, nowMs });
  expect(at(10_000, [turn(300), turn(500)])).toContain('50 tokens/s');
  expect(at(90_000, [turn(500)])).not.toContain('tokens/s');
  expect(at(10_000, [turn(null), turn(500)])).not.toContain('tokens/s');
});

test('colours whole lines after they are cut, and only where it is asked to', () => {
  const state = play([start, running, { kind: 'trial-end', end: end('a__1', 1) }]);
  const view = { columns: 24, rows: 24, nowMs: 0 };
  const painted = renderProgress(state, { ...view, paint: (colour, line) => `<${colour}>${line}</>` });
  expect(painted).toContain('<green>  a__1 #1  passed, subm</>');
  expect(renderProgress(state, view)).not.toContain('<');
});

test('says that the job is paused by hand until it is resumed', () => {
  const control = (action: 'pause' | 'resume'): JobEvent => ({
    kind: 'job-control',
    command: { action, trials: [] },
  });
  const view = { columns: 100, rows: 24, nowMs: 0 };
  expect(renderProgress(play([start, control('pause')]), view)).toMatch(/0:00 {2}paused by hand/);
  expect(renderProgress(play([start, control('pause'), control('resume')]), view)).toContain(
    'resumed by hand',
  );
});
