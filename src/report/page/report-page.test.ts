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
  const page = renderReportPage([job.score], await drawCharts([job], []));
  expect(page).not.toMatch(/<script/i);
  expect(page).not.toMatch(/(?:src|href)="(?!data:image\/svg\+xml;base64,)/);
  expect(page).toContain("default-src 'none'");
  expect(page).toBe(renderReportPage([job.score], await drawCharts([job], [])));
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
  const page = renderReportPage([score], pictures);
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
  const replay = scoreJob({ ...summary, modelKind: 'replay' });
  expect(renderReportPage([replay], [])).toMatch(
    /class="label"[^]*replayed model, not an evaluation[^]*<table/,
  );
});
