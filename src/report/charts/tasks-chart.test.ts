import { expect, it } from 'vitest';
import { syntheticJob } from '../../../test/doubles/synthetic-job.js';
import { scoreJob } from '../../score/job/score-job.js';
import { palette, renderChart } from './render-chart.js';
import { heatMap } from './tasks-chart.js';

it('draws a trial whose tests never started in grey, not as failed', async () => {
  const svg = await renderChart(heatMap(scoreJob(syntheticJob([[1, null, 0]]))));
  const cells = [...svg.matchAll(/aria-label="task-0, run \d: ([^"]+)"[^>]* fill="([^"]+)"/g)];
  const colours = new Map(cells.map(([, said, fill]) => [said, fill]));
  expect([...colours.keys()]).toEqual(['reward 1', 'no verdict', 'reward 0']);
  expect(colours.get('no verdict')).toBe(palette.grey);
  expect([colours.get('reward 1'), colours.get('reward 0')]).not.toContain(palette.grey);
});
