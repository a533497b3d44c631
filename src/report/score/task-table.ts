import type { JobScore, TaskScore } from '../../score/job/job-score.js';
import { decimal, percent } from '../../base/number/decimal.js';
import { renderCsv, renderMarkdownTable } from '../text/delimited.js';
import { duration, quantity, rewardMark } from '../text/format.js';
import { renderGrid } from '../text/grid.js';

export const taskColumns = [
  { title: 'task', shrink: true },
  { title: 'rewards' },
  { title: 'solved', align: 'right' },
  { title: 'mean %', align: 'right' },
  { title: 'turns', align: 'right' },
  { title: 'tokens out', align: 'right' },
  { title: 'time', align: 'right' },
] as const;

/** What is said of a task beside its row, by its name. */
export type TaskMarks = ReadonlyMap<string, string>;

const noMarks: TaskMarks = new Map();

/** A row a task: its rewards in run order, solved of the measured, what it cost on average, and marks where there are any. */
export function renderTaskTable(score: JobScore, width: number, marks: TaskMarks = noMarks): string {
  const { columns, rows } = markedRows(score, marks);
  return `${renderGrid(columns, rows, width)}\n`;
}

/** The same as Markdown. */
export function renderTaskMarkdown(score: JobScore, marks: TaskMarks = noMarks): string {
  const { columns, rows } = markedRows(score, marks);
  return renderMarkdownTable(columns, rows);
}

function markedRows({ tasks }: JobScore, marks: TaskMarks) {
  const rows = tasks.map(taskCells);
  if (marks.size === 0) return { columns: taskColumns, rows };
  return {
    columns: [...taskColumns, { title: 'replays' }],
    rows: rows.map((cells, index) => [...cells, marks.get(tasks[index]?.task ?? '') ?? '']),
  };
}

/** One CSV row a job and task; rewards in run order, empty where a trial was not measured. */
export function renderTaskCsv(scores: readonly JobScore[]): string {
  const header = [
    'job',
    'task',
    'rewards',
    'mean',
    'passes',
    'measured',
    'attempts',
    'turns',
    'output_tokens',
    'wall_ms',
  ];
  const rows = scores.flatMap((score) =>
    score.tasks.map((task) => [
      score.name,
      task.task,
      task.rewards.map((reward) => reward ?? '').join(';'),
      task.measured === 0 ? null : task.mean,
      ...[task.passes, task.measured, task.rewards.length],
      ...[task.turns, task.outputTokens, task.wallMs],
    ]),
  );
  return renderCsv(header, rows);
}

/** The cells of one task. A trial whose tests never started is no failure: it is neither solved nor counted. */
export function taskCells(task: TaskScore): string[] {
  const isMeasured = task.measured > 0;
  return [
    task.task,
    task.rewards.map(rewardMark).join(' '),
    isMeasured ? `${task.passes}/${task.measured}` : '–',
    isMeasured ? percent(task.mean) : '–',
    task.turns === null ? '–' : decimal(task.turns, 0),
    task.outputTokens === null ? '–' : quantity(task.outputTokens),
    task.wallMs === null ? '–' : duration(task.wallMs),
  ];
}
