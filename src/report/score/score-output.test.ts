import { rmSync } from 'node:fs';
import stringWidth from 'string-width';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryDir, writeSampleJob } from '../../../test/doubles/sample-job.js';
import { syntheticJob } from '../../../test/doubles/synthetic-job.js';
import { readJobFolder } from '../../results/read-job-folder.js';
import type { JobScore } from '../../score/job/job-score.js';
import { scoreJob } from '../../score/job/score-job.js';
import { escapeMarkdown, renderCsv, renderMarkdownTable } from '../text/delimited.js';
import { percent, points } from '../../base/number/decimal.js';
import { renderScoreCsv, renderScoreMarkdown } from './score-formats.js';
import { scoresToJson } from './score-json.js';
import { renderScoreTable } from './table.js';
import { renderGroupCsv, renderGroupMarkdown, renderGroupTable } from './group-table.js';
import { renderTaskCsv, renderTaskTable } from './task-table.js';
import { shorten } from '../text/text.js';

const dir = temporaryDir('score-output');
let score: JobScore;
beforeAll(async () => {
  const [job] = await readJobFolder(writeSampleJob(dir));
  if (job === undefined) throw new Error('no job');
  score = scoreJob({ ...job, name: 'sample-job' });
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('the table', () => {
  it('shows the job at 80 columns', () => {
    expect(renderScoreTable([score], { width: 80, details: false })).toMatchInlineSnapshot(`
      "model             dataset           mean ± std %  measured  tasks × runs  passes
      ────────────────  ────────────────  ────────────  ────────  ────────────  ──────
      openai/qwen35-9b  terminal…nch@2.0    21.1 ± 2.4   444/445        89 × 5  94/445

      sample-job: 1 trial without a verdict
      "
    `);
  });

  it.each([80, 140])('keeps every line, details and tasks included, within %i columns', (width) => {
    const text = renderScoreTable([score], { width }) + renderTaskTable(score, width);
    const longest = Math.max(...text.split('\n').map((line) => stringWidth(line)));
    expect(longest).toBeLessThanOrEqual(width);
  });

  it('sets models against datasets when there are several', () => {
    const other = { ...score, dataset: 'tb-lite', mean: 0.472 };
    const text = renderScoreTable([score, other], { width: 100, details: false });
    expect(text).toMatch(/terminal-bench@2\.0 +tb-lite\n/);
    expect(text).toMatch(/21\.1 ± 2\.4 \(444\/445\) +47\.2 ± 2\.4 \(444\/445\)/);
  });

  it('labels a replayed model beside the number and under the table', () => {
    const replay = scoreJob({ ...syntheticJob([[1, 0]]), modelKind: 'replay' });
    const text = renderScoreTable([replay], { width: 80, details: false });
    expect(text).toContain('a-model *');
    expect(text).toContain('* synthetic: replayed model, not an evaluation');
    expect(renderScoreMarkdown([replay])).toContain('replayed model, not an evaluation');
    expect(renderScoreCsv([replay])).toContain('"replayed model, not an evaluation"');
    expect(scoresToJson([replay])).toMatchObject({ jobs: [{ is_evaluation: false }] });
  });

  it.each([60, 80, 100, 110, 200])('says in %i columns that a job is not whole', (width) => {
    const stopped = scoreJob({ ...syntheticJob([[1, 0], [1]]), trialsPlanned: 6 });
    expect(renderScoreTable([stopped, { ...stopped, dataset: 'other' }], { width, details: false })).toMatch(
      / 3\/6 /,
    );
  });

  it('has a column of names only where model, dataset and harness do not tell the jobs apart', () => {
    const [a, b] = [syntheticJob([[1]], 'step-100'), syntheticJob([[0]], 'step-200')].map((job) =>
      scoreJob(job),
    );
    if (a === undefined || b === undefined) throw new Error('no job');
    expect(renderScoreTable([a, b], { width: 100, details: false })).toMatch(
      /^job +model[^]*step-200 +a-model/,
    );
    expect(renderScoreMarkdown([a, b])).toContain('| step-200 | a-model |');
    expect(renderScoreTable([a], { width: 100, details: false })).toMatch(/^model/);
  });

  it('lets no control character of a model name reach the terminal', () => {
    const evil = { ...score, model: 'a\u001b[31mb\nc' };
    expect(renderScoreTable([evil], { width: 80 })).not.toMatch(/[\u001b]|b\nc/);
  });
});

describe('a job of which nothing was measured', () => {
  const nothing = scoreJob({ ...syntheticJob([[null, null], [null]]), trialsPlanned: 4 });

  it.each([80, 140])('has no number in the table, of %i columns', (width) => {
    const text = renderScoreTable([nothing], { width }) + renderTaskTable(nothing, width);
    expect(text).not.toMatch(/\b0\.0\b/);
    expect(text).toMatch(/ – +0\/4 /);
    expect(text).toContain('score      – (no trial was measured)');
    expect(text.replace(/\n +/g, ' ')).toContain(
      '0 of 4 planned trials measured, 3 ended without a verdict, 1 without a result',
    );
    expect(text).toMatch(/task-0 +\? \? +– +– /);
  });

  it('has none in Markdown, CSV and JSON', () => {
    expect(renderScoreMarkdown([nothing])).toContain('| – | 0/4 | – |');
    expect(renderScoreCsv([nothing])).toContain('synthetic,tmax,,,0,4,');
    const json = scoresToJson([nothing]) as { jobs: Record<string, unknown>[] };
    expect(json.jobs[0]).toMatchObject({ mean: null, std: null, pass_rate: null, statistics: null });
  });
});

it('prints trials whose tests never started as neither passed nor failed', () => {
  const job = syntheticJob([
    [0, 0],
    [1, 0],
  ]);
  const trials = job.trials.map((trial) =>
    trial.task === 'task-0' || trial.attempt === 2 ? { ...trial, measured: false } : trial,
  );
  const text = renderTaskTable(scoreJob({ ...job, trials }), 100);
  expect(text).toMatch(/task-0 +\? \? +– +– /);
  expect(text).toMatch(/task-1 +1 \? +1\/1 +50\.0 /);
  const csv = renderTaskCsv([scoreJob({ ...job, trials })]);
  expect(csv).toContain('synthetic,task-0,;,,0,0,2,');
  expect(csv).toContain('synthetic,task-1,1;,0.5,1,1,2,');
});

it('counts endings with their passes, and missing verdicts apart from exceptions', () => {
  const job = syntheticJob([[1, 0, null]]);
  const trials = job.trials.map((trial) => ({
    ...trial,
    ending: trial.attempt === 2 ? ('agent-timeout' as const) : ('submitted' as const),
    errorType: trial.attempt === 2 ? 'AgentTimeoutError' : null,
  }));
  const text = renderScoreTable([scoreJob({ ...job, trials })], { width: 120 });
  expect(text).toContain('endings    submitted 2 (1 passed), agent-timeout 1 (0 passed)');
  expect(text).toContain('exceptions AgentTimeoutError 1');
  expect(text).toContain('2 of 3 planned trials measured, 1 ended without a verdict');
  expect(renderScoreCsv([scoreJob({ ...job, trials })])).toMatch(/no_verdict[^]*,1,1,/);
});

it('names what was passed over, the first few', () => {
  const job = syntheticJob([[1]]);
  const problems = ['a', 'b', 'c', 'd'].map((name) => ({
    path: `${job.dir}/${name}/result.json`,
    message: 'is not valid JSON',
  }));
  const text = renderScoreTable([scoreJob({ ...job, problems })], { width: 500 });
  expect(text).toContain('4 problems: a/result.json is not valid JSON; b/result.json');
  expect(text).toContain('; and 1 more, which --json lists');
});

it('orders groups by number where they are numbers, in every format', () => {
  const job = syntheticJob([[1], [0], [1], [null]]);
  const minutes = [90, 100, 9, 'unknown'];
  const trials = job.trials.map((trial, index) => ({ ...trial, metadata: { minutes: minutes[index] } }));
  const score = scoreJob({ ...job, trials }, { groupBy: ['minutes'] });
  expect(score.groups['minutes']?.map(({ value }) => value)).toEqual(['9', '90', '100', 'unknown']);
  expect(renderGroupTable(score, ['minutes'], 80)).toMatch(
    /9 +100\.0[^]*90 +100\.0[^]*100 +0\.0[^]*unknown +– +0\/1/,
  );
  expect(renderGroupMarkdown(score, ['minutes'])).toContain('| minutes | unknown | – | 0/1 | 1 |');
  expect(renderGroupCsv([score], ['minutes'])).toContain('synthetic,minutes,unknown,,1,1,0,,');
  expect(renderGroupTable(score, ['absent'], 80)).toBeNull();
});

it('prints the fields of the contract as JSON', () => {
  const json = JSON.parse(JSON.stringify(scoresToJson([score]))) as { jobs: Record<string, unknown>[] };
  const job = json.jobs[0] ?? {};
  expect(Object.keys(job).slice(0, 12)).toEqual([
    'name',
    'model',
    'dataset',
    'harness',
    'n_tasks',
    'n_trials',
    'runs',
    'mean',
    'std',
    'errors',
    'endings',
    'tasks',
  ]);
  expect(job['mean']).toBeCloseTo(0.2112, 4);
  expect(job['runs']).toHaveLength(5);
  expect((job['tasks'] as Record<string, { rewards: unknown }>)['extract-elf']?.rewards).toHaveLength(5);
});

it('gives the whole JSON of the recorded job to the digit', async () => {
  const job = { ...score, job: { ...score.job, dir: 'results/sample-job' } };
  // Twelve digits: exp and log may differ in the last one from one engine to the next.
  const round = (_: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(12)) : value;
  const json = `${JSON.stringify(scoresToJson([job]), round, 1)}\n`;
  await expect(json).toMatchFileSnapshot('../../../test/fixtures/sample-job-score.json');
});

it('T34 contained: writes CSV that no spreadsheet runs and every parser reads', () => {
  expect(
    renderCsv(
      ['a', 'b'],
      [
        ['=1+1', -2],
        ['x,"y"', null],
        ['@cmd', 0.5],
        ['\ttab', 1],
      ],
    ),
  ).toBe('a,b\r\n\'=1+1,-2\r\n"x,""y""",\r\n\'@cmd,0.5\r\n\'\ttab,1\r\n');
});

it('makes model text inert in Markdown', () => {
  expect(escapeMarkdown('a|b <img> [x](y) `c`\n# d')).toBe('a\\|b &lt;img&gt; \\[x\\](y) \\`c\\` \\# d');
  expect(renderMarkdownTable([{ title: 'x', align: 'right' }], [['a|b']])).toBe('| x |\n| ---: |\n| a\\|b |');
});

it('shows what would steer in CSV and Markdown', () => {
  const steering = 'a\u202eb\u200bc\u001bd\re';
  expect(renderCsv(['x'], [[`${steering}\nf`], ['\ufeff=1+1']])).toBe('x\r\n"a?b?c?d?e\nf"\r\n?=1+1\r\n');
  expect(escapeMarkdown(steering)).toBe('a?b?c?d?e');
});

it('rounds once and knows no minus zero', () => {
  expect([percent(0.0225), percent(-0.0001), points(0.05), points(0)]).toEqual(['2.3', '0.0', '+5.0', '0.0']);
  expect(percent(10 / 445)).toBe('2.2');
});

it.each([
  [235, 5, '58.8'],
  [159, 5, '39.8'],
  [77, 5, '19.3'],
  [199, 5, '49.8'],
  [23, 1, '28.8'],
  [41, 1, '51.3'],
])('%i passes over 80 tasks × %i print one number in every line and format', (passes, attempts, text) => {
  const rewards = Array.from({ length: 80 }, (_, task) =>
    Array.from({ length: attempts }, (__, attempt) => Number(attempt * 80 + task < passes)),
  );
  const job = scoreJob(syntheticJob(rewards));
  expect([job.mean, job.passRate, job.rawMean]).toEqual(Array(3).fill(passes / (80 * attempts)));
  const lines = renderScoreTable([job], { width: 100 }).split('\n');
  for (const find of ['a-model ', '  score ']) {
    expect(lines.find((line) => line.startsWith(find))).toContain(` ${text} `);
  }
  expect(lines.find((line) => line.startsWith('  passes '))).toContain(` ${text} %`);
  expect(renderScoreMarkdown([job])).toContain(`| ${text} `);
  expect(renderScoreCsv([job])).toContain(`,${passes / (80 * attempts)},`);
});

it('shortens in the middle to the given columns', () => {
  expect(shorten('abcdefghij', 5)).toBe('ab…ij');
  expect(stringWidth(shorten('漢字漢字漢字漢字', 7))).toBeLessThanOrEqual(7);
});
