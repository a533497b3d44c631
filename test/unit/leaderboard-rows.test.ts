import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { syntheticJob } from '../doubles/synthetic-job.js';
import type { JobSummary } from '../../src/record/job-summary.js';
import { loadPublished } from '../../src/results/published.js';
import { checkRules, type CheckFacts } from '../../src/score/published/check-rules.js';
import { matchPublished, publishedDataset, unpublished } from '../../src/score/published/leaderboard.js';
import {
  leaderboardToJson,
  renderLeaderboard,
  renderLeaderboardCsv,
  renderLeaderboardMarkdown,
} from '../../src/report/published/leaderboard-text.js';
import { scoreJob } from '../../src/score/job/score-job.js';

const cells = await loadPublished(fileURLToPath(new URL('../../results/published', import.meta.url)));

/** 89 tasks, the first `solved` of which pass always but once in three. */
function measured(solved: number): JobSummary {
  const tasks = Array.from({ length: 89 }, (_, index) => (index < solved ? [1, 1, 0] : [0, 0, 0]));
  return {
    ...syntheticJob(tasks, 'mine'),
    model: 'allenai/qwen35-9b-swesmith',
    dataset: { name: 'tb-2.1', version: null, digest: null },
  };
}

it('finds the published row of a model by its name and says what is within noise', () => {
  const [row, ...rest] = matchPublished(cells, [scoreJob(measured(28))]);
  expect(rest).toEqual([]);
  expect(row?.published).toMatchObject({ model: 'Qwen 3.5 9B SWE-smith', mean: 21, spread: 0.5 });
  expect(row?.withinNoise).toBe(true);
  expect(matchPublished(cells, [scoreJob(measured(60))])[0]?.withinNoise).toBe(false);
});

it('does not take a chance run of equal scores for certainty', () => {
  const [row] = matchPublished(
    cells,
    [scoreJob({ ...measured(26), model: 'Terminal-Traj' })],
    'Qwen 3.5 9B Terminal-Traj',
  );
  expect(row?.published.spread).toBe(0);
  expect(row?.standardError).toBeGreaterThan(0.02);
});

it('names one row for the same numbers in several tables', () => {
  const rows = matchPublished(cells, []).filter(
    (row) => row.published.mean === 21 && row.published.dataset === 'tb-2.1',
  );
  expect(rows).toHaveLength(1);
  expect(rows[0]?.published.source).toBe('allenai/qwen35-9b-swesmith; arXiv:2606.23321 table 2');
});

it('says what differed in set-up', () => {
  const job = { ...measured(28), modelKind: 'replay' as const, timeoutMultiplier: 2, backend: 'docker' };
  const [row] = matchPublished(cells, [scoreJob(job)]);
  expect(row?.setup.slice(0, 3)).toEqual([
    'replayed model, not an evaluation',
    'modified timeouts: x2',
    'sandboxes on docker here, podman there',
  ]);
});

it('knows the datasets by Harbor’s names and by ours', () => {
  const named = (name: string, version: string | null): string | null =>
    publishedDataset({ name, version, digest: null });
  expect([
    named('terminal-bench', '2.0'),
    named('terminal-bench/terminal-bench-2-1', null),
    named('openthoughts-tblite', '2.0'),
    named('tb-lite', null),
    named('mine', null),
  ]).toEqual(['tb-2.0', 'tb-2.1', 'tb-lite', 'tb-lite', null]);
});

const facts: CheckFacts = { pinned: null, withTrajectory: new Set(), attempts: 3 };

function outcomes(job: JobSummary, more: Partial<CheckFacts> = {}): Record<string, string> {
  return Object.fromEntries(
    checkRules(job, { ...facts, ...more }).map(({ rule, outcome }) => [rule, outcome]),
  );
}

it('passes a job with default limits, enough attempts and trajectories', () => {
  const job = measured(1);
  const names = new Set(job.trials.map((trial) => trial.name));
  const rules = checkRules(job, { ...facts, withTrajectory: names });
  expect(rules.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
});

it('breaks the rule that was broken', () => {
  const job = measured(1);
  const broken: JobSummary = {
    ...job,
    timeoutMultiplier: 2,
    overrides: ['agent.override_timeout_sec = 60', 'environment.override_cpus = 8'],
    modelKind: 'replay',
    trials: job.trials.slice(1),
  };
  expect(outcomes(broken)).toMatchObject({
    'timeout multipliers are 1': 'fail',
    'no agent timeout override': 'fail',
    'no verifier override': 'ok',
    'no resource override': 'fail',
    'at least 3 attempts at every task': 'fail',
    'trials have the limits of their job': 'fail',
    'every rewarded trial has an ATIF trajectory': 'fail',
    'the model is live': 'fail',
  });
});

it('compares digests of the same formula only, and misses no task', () => {
  const job = measured(1);
  const trials = job.trials.map((trial) => ({ ...trial, taskDigests: ['aa'] }));
  const rule = 'tasks are those of the pinned dataset';
  const pin = (digest: string): Map<string, string[]> =>
    new Map(job.trials.map((trial) => [trial.task, [digest]]));
  expect(outcomes({ ...job, trials }, { pinned: pin('aa') })[rule]).toBe('ok');
  expect(outcomes({ ...job, trials }, { pinned: pin('bb') })[rule]).toBe('fail');
  expect(outcomes({ ...job, trials }, { pinned: pin('sha256:aa') })[rule]).toBe('unknown');
  expect(outcomes({ ...job, trials }, { pinned: pin('aa').set('another', ['aa']) })[rule]).toBe('fail');
});

it('keeps the jobs that nothing published stands beside, in every format', () => {
  const [known, other] = [
    scoreJob(measured(28)),
    scoreJob({ ...measured(20), model: 'mine', name: 'my-job' }),
  ];
  const rows = matchPublished(cells, [known, other]);
  const board = { rows, unpublished: unpublished(cells, [known, other]) };
  expect(rows).toHaveLength(1);
  expect(board.unpublished.map(({ name }) => name)).toEqual(['my-job']);
  expect(renderLeaderboard(board, 120)).toMatch(/\nmine +tb-2\.1 +– +– +my-job +15\.0 ± /);
  expect(renderLeaderboardMarkdown(board)).toContain('| mine | tb-2.1 | – |');
  expect(renderLeaderboardCsv(board)).toContain('mine,tb-2.1,tmax,,,,not published,my-job,');
  expect(leaderboardToJson(board)).toMatchObject({
    unpublished: [{ model: 'mine', measured: { job: 'my-job' } }],
  });
});

it('sets no difference beside a row of which nothing was measured, and marks one that is not whole', () => {
  const job = measured(28);
  const nothing = { ...job, trials: job.trials.map((trial) => ({ ...trial, measured: false })) };
  const [row] = matchPublished(cells, [scoreJob(nothing)]);
  expect(row).toMatchObject({ difference: null, withinNoise: null });
  expect(renderLeaderboard({ rows: row === undefined ? [] : [row], unpublished: [] }, 120)).toContain(
    '– (0/267)',
  );
  const part = matchPublished(cells, [scoreJob({ ...job, trialsPlanned: 300 })]);
  expect(renderLeaderboardMarkdown({ rows: part, unpublished: [] })).toContain('(267/300)');
  expect(part[0]?.setup).toContain('only 267 of 300 planned trials measured here');
});
