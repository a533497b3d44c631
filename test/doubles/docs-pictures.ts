import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { drawCharts, type Picture } from '../../src/report/charts/job-charts.js';
import { meansChart } from '../../src/report/charts/means-chart.js';
import { renderChart } from '../../src/report/charts/render-chart.js';
import { loadPublished } from '../../src/results/published.js';
import { readJob } from '../../src/review/read-job.js';
import { scoreJob } from '../../src/score/job/score-job.js';
import { temporaryDir, writeSampleJob } from './sample-job.js';

const publishedDir = fileURLToPath(new URL('../../results/published', import.meta.url));

/** The pictures that docs/ shows. */
export async function docsPictures(): Promise<Picture[]> {
  const published = (await loadPublished(publishedDir)).filter((cell) => cell.harness === null);
  const card = published.filter((cell) => cell.table === 'card');
  const dir = temporaryDir('docs-pictures');
  try {
    const [job] = await readJob(writeSampleJob(dir));
    if (job === undefined) throw new Error('no job');
    const summary = { ...job, name: 'sample-job' };
    const pictures = await drawCharts(
      [{ summary, score: scoreJob(summary) }],
      published.filter((cell) => cell.dataset === 'tb-2.0'),
    );
    const finding = 'The model card’s table';
    return [...pictures, { name: 'published', finding, svg: await renderChart(meansChart([], card)) }];
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
