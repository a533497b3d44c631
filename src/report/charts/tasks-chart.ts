import type { JobScore } from '../../score/job/job-score.js';
import { rewardMark } from '../text/format.js';
import { palette, type ChartSpec } from './render-chart.js';

/** Tasks against attempts: the reward of every trial; grey where the tests gave no verdict. Easiest tasks on top. */
export function heatMap(score: JobScore): ChartSpec {
  const ordered = [...score.tasks].sort((a, b) => b.mean - a.mean || (a.task < b.task ? -1 : 1));
  const values = ordered.flatMap((task) =>
    task.rewards.map((reward, index) => {
      const run = task.runs[index] ?? index + 1;
      const said = `${task.task}, run ${run}: ${reward === null ? 'no verdict' : `reward ${rewardMark(reward)}`}`;
      return { task: task.task, run, reward: reward ?? 0, measured: reward !== null, said };
    }),
  );
  return {
    title: `${score.name}: reward by task and run (grey: no verdict)`,
    data: { values },
    width: { step: 22 },
    height: { step: 11 },
    mark: { type: 'rect', stroke: 'white' },
    encoding: {
      y: {
        field: 'task',
        type: 'ordinal',
        sort: ordered.map((task) => task.task),
        title: null,
        axis: { labelFontSize: 8, grid: false },
      },
      x: { field: 'run', type: 'ordinal', title: 'run', axis: { orient: 'top', labelAngle: 0, grid: false } },
      color: {
        condition: { test: 'datum.measured === false', value: palette.grey },
        field: 'reward',
        type: 'quantitative',
        scale: { domain: [0, 1], clamp: true, range: ['#f3e3d3', palette.green] },
        title: 'reward',
      },
      description: { field: 'said', type: 'nominal' },
    },
  };
}

/** Mean reward of each task against what its trials cost: output tokens, and wall time. */
export function costCharts(score: JobScore): ChartSpec[] {
  const measured = score.tasks.filter((task) => task.measured > 0);
  const values = measured.map((task) => ({
    task: task.task,
    reward: task.mean,
    tokens: task.outputTokens,
    minutes: task.wallMs === null ? null : task.wallMs / 60_000,
  }));
  const scatter = (field: 'tokens' | 'minutes', title: string): ChartSpec => ({
    title: `${score.name}: reward against ${title}`,
    data: { values: values.filter((value) => value[field] !== null) },
    width: 460,
    height: 200,
    mark: { type: 'point', filled: true, opacity: 0.7, color: palette.blue },
    encoding: {
      x: { field, type: 'quantitative', title: `${title}, mean of a task’s trials` },
      y: {
        field: 'reward',
        type: 'quantitative',
        scale: { domain: [0, 1], clamp: true },
        title: 'mean reward',
      },
    },
  });
  return [
    ...(values.some((value) => value.tokens !== null) ? [scatter('tokens', 'output tokens')] : []),
    ...(values.some((value) => value.minutes !== null) ? [scatter('minutes', 'minutes')] : []),
  ];
}
