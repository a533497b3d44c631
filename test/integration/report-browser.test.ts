import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import axeCore from 'axe-core';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { drawCharts } from '../../src/report/charts/job-charts.js';
import { renderReportPage } from '../../src/report/page/report-page.js';
import { readJob } from '../../src/review/read-job.js';
import { scoreJob } from '../../src/score/job/score-job.js';
import { temporaryDir, writeSampleJob } from '../doubles/sample-job.js';

const executablePath = '/usr/bin/chromium';
const dir = temporaryDir('report-browser');
const path = join(dir, 'report.html');
const evil =
  '"><script>document.title="owned"</script><img src="http://127.0.0.1:9/x" onerror="document.title=1">';
let browser: Browser;

beforeAll(async () => {
  if (!existsSync(executablePath)) {
    throw new Error(
      `no browser at ${executablePath}: the report is checked in a real one; apt-get install -y chromium`,
    );
  }
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const [job] = await readJob(writeSampleJob(join(dir, 'job')));
  if (job === undefined) throw new Error('no job');
  const summary = { ...job, model: evil };
  const jobs = [{ summary, score: scoreJob(summary) }];
  writeFileSync(path, renderReportPage(jobs, await drawCharts(jobs, [])));
});

afterAll(async () => {
  await browser.close();
  rmSync(dir, { recursive: true, force: true });
});

it.each([
  ['a phone, dark', 390, 844, 'dark'],
  ['a desk, light', 1280, 900, 'light'],
] as const)(
  'leads with the score on %s, and axe-core finds nothing',
  async (_, width, height, colorScheme) => {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme });
    await page.goto(`file://${path}`);
    const score = await page.getByText('21.1 ± 2.4').first().boundingBox();
    expect((score?.y ?? height) + (score?.height ?? 0)).toBeLessThan(height);
    await page.evaluate(axeCore.source);
    const { violations } = await page.evaluate<{ violations: { id: string }[] }>('axe.run()');
    expect(violations.map(({ id }) => id)).toEqual([]);
    await page.close();
  },
);

it.each([
  ['a phone', 390, 844],
  ['a desk', 1280, 900],
])(
  'T34 contained: fits %s, shows every picture, loads nothing and runs nothing',
  async (_, width, height) => {
    const page = await browser.newPage({ viewport: { width, height } });
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(`file://${path}`);
    const seen = await page.evaluate(
      `({
      title: document.title,
      wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      scripts: document.scripts.length,
      images: [...document.images].map((image) => image.naturalWidth > 100 && image.alt !== ''),
      text: document.body.innerText,
    })`,
    );
    expect(seen).toMatchObject({ title: 'tbench report: job', wide: 0, scripts: 0 });
    const { images, text } = seen as { images: boolean[]; text: string };
    expect(images.length).toBeGreaterThanOrEqual(6);
    expect(images.every(Boolean)).toBe(true);
    expect(text).toContain('21.1 ± 2.4');
    expect(text).toContain(evil);
    expect(requests.filter((url) => !url.startsWith('data:'))).toEqual([`file://${path}`]);
    await page.close();
  },
);

it('opens the list of tasks without a script', async () => {
  const page = await browser.newPage();
  await page.goto(`file://${path}`);
  const row = page.getByRole('rowheader', { name: 'adaptive-rejection-sampler', exact: true });
  expect(await row.isVisible()).toBe(false);
  await page.getByText('89 tasks', { exact: true }).click();
  expect(await row.isVisible()).toBe(true);
  await page.close();
});
