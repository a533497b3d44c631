import type { JobScore } from '../../score/job/job-score.js';
import { percent } from '../../base/number/decimal.js';
import { duration, quantity } from '../text/format.js';
import { renderGrid } from '../text/grid.js';

/** A row a task: its rewards in run order, solve rate, and what it cost on average. */
export function renderTaskTable(score: JobScore, width: number): string {
  const columns = [
    { title: 'task', shrink: true },
    { title: 'rewards' },
    { title: 'solved', align: 'right' },
    { title: 'mean %', align: 'right' },
    { title: 'turns', align: 'right' },
    { title: 'tokens out', align: 'right' },
    { title: 'time', align: 'right' },
  ] as const;
  const rows = score.tasks.map((task) => [
    task.task,
    task.rewards.map(rewardMark).join(' '),
    `${task.passes}/${task.rewards.length}`,
    percent(task.mean),
    task.turns === null ? '–' : task.turns.toFixed(0),
    task.outputTokens === null ? '–' : quantity(task.outputTokens),
    task.wallMs === null ? '–' : duration(task.wallMs),
  ]);
  return `${renderGrid(columns, rows, width)}\n`;
}

/** `1` and `0`, two decimals of partial credit, `?` where the tests gave no verdict. */
function rewardMark(reward: number | null): string {
  if (reward === null) return '?';
  return Number.isInteger(reward) ? String(reward) : reward.toFixed(2);
}
