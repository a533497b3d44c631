import fc from 'fast-check';
import { expect, it } from 'vitest';
import { syntheticJob } from '../../../test/doubles/synthetic-job.js';
import { scoreJob } from '../../score/job/score-job.js';
import { drawCharts } from '../charts/job-charts.js';
import { renderReportMarkdown } from '../score/report-markdown.js';
import { escapeHtml, html } from './html.js';
import { renderReportPage } from './report-page.js';

const summary = syntheticJob([
  [1, 0, 1],
  [0, 0, null],
]);
const job = { summary, score: scoreJob(summary) };

it('draws the same bytes for the same job, one picture after another', async () => {
  const first = await drawCharts([job], []);
  const second = await drawCharts([job], []);
  expect(second).toEqual(first);
  expect(first.map((picture) => picture.name)).toEqual(['means', 'endings', 'job1-tasks']);
  for (const { svg } of first) expect(svg).toMatch(/^<svg /);
});

it('writes one page without scripts and without addresses to load from', async () => {
  const page = renderReportPage([job], await drawCharts([job], []));
  expect(page).not.toMatch(/<script/i);
  expect(page).not.toMatch(/(?:src|href)="(?!data:image\/svg\+xml,|#)/);
  expect(page).toContain("default-src 'none'");
  expect(page).toBe(renderReportPage([job], await drawCharts([job], [])));
});

it('lets no name steer a picture', async () => {
  const steered = { ...summary, model: 'a\u202eb\u200bc\u001bd' };
  for (const { svg } of await drawCharts([{ summary: steered, score: scoreJob(steered) }], []))
    expect(svg).not.toMatch(/[^\P{C}\n]/u);
});

it('escapes whatever stands in a record', async () => {
  const evil = '</title><script>alert(1)</script><img src=x onerror="alert(2)">';
  const hostile = {
    ...summary,
    name: evil,
    model: evil,
    dataset: { name: evil, version: null, digest: null },
  };
  const score = scoreJob(hostile);
  const pictures = await drawCharts([{ summary: hostile, score }], []);
  const page = renderReportPage([{ summary: hostile, score }], pictures);
  expect(page).not.toContain('<script');
  expect(page).not.toContain('<img src=x');
  expect(pictures.map((picture) => picture.svg).join('')).not.toContain('<script');
  expect(renderReportMarkdown([score], pictures, 'p')).not.toContain('<script');
});

it('never lets text out of an element or attribute', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const { markup } = html`<p title="${text}">${text}</p>`;
      expect(markup.match(/[<>]/g)).toHaveLength(4);
      expect(markup.match(/"/g)).toHaveLength(2);
    }),
  );
  expect(escapeHtml('a\u0000\u202eb')).toBe('a\ufffd\ufffdb');
});

it('labels a replayed model at the top of the page', () => {
  const replayed = { ...summary, modelKind: 'replay' as const };
  expect(renderReportPage([{ summary: replayed, score: scoreJob(replayed) }], [])).toMatch(
    /<table[^]*class="label"[^]*replayed model, not an evaluation[^]*<h2/,
  );
});

it('names every trial with what came of it, and every picture with what it shows', async () => {
  const page = renderReportPage([job], await drawCharts([job], []));
  expect(page).toContain('task-0__1: passed');
  expect(page).toContain('task-1__3: no verdict');
  expect(page).toContain('of 2 measured tasks 0 are always solved, 1 never, 1 sometimes');
  for (const [, anchor = ''] of page.matchAll(/href="#([^"]+)"/g)) expect(page).toContain(`id="${anchor}"`);
  expect(page).not.toMatch(/<th(?! scope=)[ >]/);
});

it('writes eight jobs of 89 tasks and five attempts in less than a megabyte', async () => {
  const rewards = Array.from({ length: 89 }, (_, task) =>
    Array.from({ length: 5 }, (_, attempt) => ((task * 7 + attempt * 3) % 5 === 0 ? 1 : 0)),
  );
  const jobs = Array.from({ length: 8 }, (_, index) => {
    const made = syntheticJob(rewards, `checkpoint-${index}`);
    const trials = made.trials.map((trial, at) => ({
      ...trial,
      ending: 'submitted' as const,
      tokens: { input: 100_000 + at, output: 9_000 + ((at * 37) % 5_000), cached: 5 },
      turns: 12 + (at % 9),
      contextTokens: 20_000 + ((at * 91) % 40_000),
      phasesMs: {
        ...trial.phasesMs,
        total: 60_000 + at * 50,
        agent: 50_000,
        verifier: 4_000,
        environmentSetup: 6_000,
      },
    }));
    const summary = { ...made, trials };
    return { summary, score: scoreJob(summary) };
  });
  const page = renderReportPage(jobs, await drawCharts(jobs, []));
  expect(page.match(/<img/g)).toHaveLength(4 + 8);
  expect(Buffer.byteLength(page)).toBeLessThan(1_000_000);
});
