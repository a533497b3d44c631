import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { points } from '../../src/base/number/decimal.js';
import type { CertifiedTrial } from '../../src/record/certificate.js';
import { curveChart } from '../../src/report/charts/curve-chart.js';
import { drawCharts } from '../../src/report/charts/job-charts.js';
import { renderChart } from '../../src/report/charts/render-chart.js';
import { comparisonViewToJson } from '../../src/report/comparison/comparison-json.js';
import { renderComparison } from '../../src/report/comparison/comparison-text.js';
import { gateToJson } from '../../src/report/comparison/gate-json.js';
import { renderGateJunit } from '../../src/report/comparison/gate-junit.js';
import { renderGate, renderGateMarkdown } from '../../src/report/comparison/gate-text.js';
import { curvesToJson } from '../../src/report/curve/curve-json.js';
import { renderCurve, renderCurveDifferences } from '../../src/report/curve/curve-text.js';
import { renderReportPage } from '../../src/report/page/report-page.js';
import { advanceProgress, startProgress } from '../../src/report/progress/progress-state.js';
import { renderProgress } from '../../src/report/progress/render-progress.js';
import {
  leaderboardToJson,
  renderLeaderboard,
  renderLeaderboardCsv,
  renderLeaderboardMarkdown,
} from '../../src/report/published/leaderboard-text.js';
import { renderGroupCsv, renderGroupMarkdown, renderGroupTable } from '../../src/report/score/group-table.js';
import { renderAtSpeed, renderDoubt } from '../../src/report/score/noise-text.js';
import { renderReportMarkdown } from '../../src/report/score/report-markdown.js';
import { renderScoreCsv, renderScoreMarkdown } from '../../src/report/score/score-formats.js';
import { scoresToJson } from '../../src/report/score/score-json.js';
import { renderScoreTable } from '../../src/report/score/table.js';
import { renderTaskCsv, renderTaskTable } from '../../src/report/score/task-table.js';
import { renderStatus } from '../../src/report/status-text.js';
import { loadPublished } from '../../src/results/published.js';
import { certifiedStatistics } from '../../src/review/certificate/certified-statistics.js';
import { readOneJob } from '../../src/review/find-jobs.js';
import { readJobStatus } from '../../src/review/live/job-status.js';
import { compareCurves, scoreCurve } from '../../src/score/checkpoints/curve.js';
import { compareSides } from '../../src/score/comparison/compare.js';
import { sideOfJob } from '../../src/score/comparison/comparison-side.js';
import { gateDefaults, runGate } from '../../src/score/comparison/gate.js';
import { scoreJob } from '../../src/score/job/score-job.js';
import { scoreAtSpeed } from '../../src/score/noise/at-speed.js';
import { judgeDoubt } from '../../src/score/noise/resource-doubt.js';
import { matchPublished } from '../../src/score/published/leaderboard.js';
import { openView } from '../../src/view/open-view.js';
import { temporaryDir } from '../doubles/sample-job.js';
import { syntheticJob } from '../doubles/synthetic-job.js';

interface Halfway {
  readonly passes: number;
  readonly tasks: number;
  readonly attempts: number;
  /** What a hand with a pencil rounds it to, and what float noise makes of it. */
  readonly right: string;
  readonly wrong: string;
}

/** Means that end in a 5 at the second decimal of a percentage. */
const halfways: readonly Halfway[] = [
  { passes: 235, tasks: 80, attempts: 5, right: '58.8', wrong: '58.7' },
  { passes: 159, tasks: 80, attempts: 5, right: '39.8', wrong: '39.7' },
  { passes: 77, tasks: 80, attempts: 5, right: '19.3', wrong: '19.2' },
  { passes: 199, tasks: 80, attempts: 5, right: '49.8', wrong: '49.7' },
  { passes: 23, tasks: 80, attempts: 1, right: '28.8', wrong: '28.7' },
  { passes: 41, tasks: 80, attempts: 1, right: '51.3', wrong: '51.2' },
  // Thirds have no double: their means are exact only as fractions.
  { passes: 27, tasks: 16, attempts: 3, right: '56.3', wrong: '56.2' },
  { passes: 75, tasks: 80, attempts: 3, right: '31.3', wrong: '31.2' },
];

function rewardsOf({ passes, tasks, attempts }: Halfway): number[][] {
  return Array.from({ length: tasks }, (_, task) =>
    Array.from({ length: attempts }, (__, attempt) => Number(attempt * tasks + task < passes)),
  );
}

/** `text` says the right number and nowhere the wrong one. */
function expectOne(what: string, text: string, { right, wrong }: Halfway): void {
  const said = (number: string): boolean => new RegExp(`(?<![\\d.])${number}(?!\\d)`).test(text);
  expect({ what, right: said(right), wrong: said(wrong) }).toEqual({ what, right: true, wrong: false });
}

/** Machines get the fraction itself. */
function expectFraction(what: string, text: string, halfway: Halfway): void {
  const { passes, tasks, attempts } = halfway;
  expect(`${what}: ${text}`).toContain(String(passes / (tasks * attempts)));
}

it.each(halfways)('$passes of $tasks × $attempts is $right in every text', (halfway) => {
  const job = { ...syntheticJob(rewardsOf(halfway), 'after'), model: 'GPT-5.2' };
  const trials = job.trials.map((trial) => ({ ...trial, difficulty: 'hard' }));
  const score = scoreJob({ ...job, trials });
  const texts = {
    table: renderScoreTable([score], { width: 80, details: false }),
    details: renderScoreTable([score], { width: 160 }),
    markdown: renderScoreMarkdown([score]),
    groups: renderGroupTable(score, ['difficulty'], 100) ?? '',
    groupMarkdown: renderGroupMarkdown(score, ['difficulty']) ?? '',
    report: renderReportMarkdown([score], [], 'pictures'),
    page: renderReportPage([{ summary: job, score }], []),
  };
  for (const [what, text] of Object.entries(texts)) expectOne(what, text, halfway);
  expectFraction('csv', renderScoreCsv([score]), halfway);
  expectFraction('json', JSON.stringify(scoresToJson([score])), halfway);
  expectFraction('group csv', renderGroupCsv([score], ['difficulty']), halfway);
  const oneTask = scoreJob(syntheticJob([rewardsOf(halfway).flat()]));
  expectOne('task', renderTaskTable(oneTask, 4000), halfway);
  expectFraction('task csv', renderTaskCsv([oneTask]), halfway);
});

it.each(halfways)('$passes of $tasks × $attempts is $right in what is noise', (halfway) => {
  const job = syntheticJob(rewardsOf(halfway));
  // One more task that is in doubt as a whole: what is left without it is the number.
  const late = { ...syntheticJob([[0]]).trials[0], task: 'late', name: 'late__1', ending: 'agent-timeout' };
  const doubt = judgeDoubt({ ...job, trials: [...job.trials, late as (typeof job.trials)[0]] }, () => null);
  expectOne('doubt', renderDoubt('job', doubt), halfway);
  expectOne('at speed', renderAtSpeed([scoreAtSpeed(job, 50)], null, 100), halfway);
});

it.each(halfways)('$passes of $tasks × $attempts is $right beside another job', (halfway) => {
  const after = syntheticJob(rewardsOf(halfway), 'after');
  const before = syntheticJob(
    rewardsOf(halfway).map((rewards) => rewards.map(() => 0)),
    'before',
  );
  const [a, b] = [sideOfJob(before), sideOfJob(after)];
  const view = { comparison: compareSides(a, b), before: scoreJob(before), after: scoreJob(after) };
  const gate = runGate(b, a, gateDefaults);
  for (const [what, text] of Object.entries({
    comparison: renderComparison(view, 160),
    gate: renderGate(gate, 160),
    gateMarkdown: renderGateMarkdown(gate),
    junit: renderGateJunit(gate),
  }))
    expectOne(what, text, halfway);
  expectFraction('comparison', JSON.stringify(comparisonViewToJson(view)), halfway);
  expectFraction('gate', JSON.stringify(gateToJson(gate)), halfway);
});

it.each(halfways)('$passes of $tasks × $attempts is $right along a curve', async (halfway) => {
  const none = syntheticJob(rewardsOf(halfway).map((rewards) => rewards.map(() => 0)));
  const steps = (job: typeof none) => [
    { label: '1', at: 1, side: sideOfJob(none) },
    { label: '2', at: 2, side: sideOfJob(job) },
  ];
  const some = steps(syntheticJob(rewardsOf(halfway)));
  const curve = scoreCurve(some);
  if (curve === null) throw new Error('no curve');
  const rows = renderCurve({ name: 'c', curve }, 160).split('\n');
  const row = rows.find((line) => /^\s*2 /.test(line)) ?? '';
  expectOne('mean', row, halfway);
  expectOne('rise', row.slice(row.indexOf('+')), halfway);
  const differences = compareCurves(steps(none), some);
  expectOne('difference', renderCurveDifferences(differences, 160), halfway);
  expectFraction('json', JSON.stringify(curvesToJson([{ name: 'c', curve }], differences)), halfway);
  expectOne('picture', await renderChart(curveChart([{ name: 'c', curve }])), halfway);
});

it.each(halfways)('$passes of $tasks × $attempts is $right among published rows', async (halfway) => {
  const cells = await loadPublished();
  const [cell] = cells;
  if (cell === undefined) throw new Error('nothing is published');
  const zero = { ...cell, model: 'a-model', dataset: 'tb-lite', mean: 0, spread: 0 };
  const job = {
    ...syntheticJob(rewardsOf(halfway)),
    dataset: { name: 'tb-lite', version: null, digest: null },
  };
  const score = scoreJob(job);
  const board = { rows: matchPublished([zero], [score]), unpublished: [] };
  expect(board.rows[0]?.difference).toBe(halfway.passes / (halfway.tasks * halfway.attempts));
  expectOne('leaderboard', renderLeaderboard(board, 160), halfway);
  expect(renderLeaderboard(board, 160)).toContain(points(score.mean));
  expectOne('markdown', renderLeaderboardMarkdown(board), halfway);
  expectFraction('csv', renderLeaderboardCsv(board), halfway);
  expectFraction('json', JSON.stringify(leaderboardToJson(board)), halfway);
  const pictures = await drawCharts([{ summary: job, score }], []);
  const means = pictures.find(({ name }) => name === 'means');
  expectOne('finding', means?.finding ?? '', halfway);
  expectOne('picture', means?.svg ?? '', halfway);
});

it.each(halfways)('$passes of $tasks × $attempts is $right on the way', (halfway) => {
  const { trials } = syntheticJob(rewardsOf(halfway));
  let state = startProgress(0);
  for (const { name: trial, task, reward } of trials)
    state = advanceProgress(
      state,
      {
        kind: 'trial-end',
        end: {
          ...{
            trial,
            task,
            attempt: 1,
            tries: 1,
            reward,
            ending: 'submitted',
            verdict: null,
            exception: null,
          },
          outcome: { kind: 'scored', reward: reward ?? 0 },
          tokens: { input: null, cached: null, output: null },
        },
      },
      0,
    );
  expectOne('progress', renderProgress(state, { columns: 160, rows: 24, nowMs: 1000 }), halfway);
});

it.each(halfways.slice(4, 7))(
  '$passes of $tasks × $attempts is $right in files, pages and status',
  async (halfway) => {
    const results = temporaryDir('one-number');
    try {
      for (const { name, task, reward } of syntheticJob(rewardsOf(halfway)).trials) {
        mkdirSync(join(results, 'job', name), { recursive: true });
        const record = { task_name: task, trial_name: name, verifier_result: { rewards: { reward } } };
        writeFileSync(join(results, 'job', name, 'result.json'), JSON.stringify(record));
      }
      const dir = join(results, 'job');
      writeFileSync(join(dir, 'config.json'), '{}');
      const status = renderStatus(await readJobStatus(dir, new Date()), new Date(), 120);
      expectOne('status', status, halfway);
      const { trials } = await readOneJob(dir, results);
      const certified = trials.map(({ name, task, effectiveReward }, index): [string, CertifiedTrial] => [
        name,
        {
          ...{ task, attempt: index, measured: true, effective_reward: effectiveReward, reward: null },
          ...{ verdict: null, status: null, ending: null, blame: null, files: {} },
        },
      ]);
      const { mean } = certifiedStatistics(Object.fromEntries(certified));
      expectFraction('certificate', String(mean), halfway);
      const view = await openView({ results, host: '127.0.0.1', port: 0, token: null });
      try {
        for (const page of ['', 'job/job.html']) {
          const answer = await fetch(new URL(page, view.url), { headers: { connection: 'close' } });
          expectOne(page, await answer.text(), halfway);
        }
      } finally {
        await view[Symbol.asyncDispose]();
      }
    } finally {
      rmSync(results, { recursive: true, force: true });
    }
  },
);
