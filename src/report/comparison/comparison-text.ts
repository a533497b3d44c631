import type { JobScore } from '../../score/job/job-score.js';
import { isBeyondChance, type Comparison, type TaskComparison } from '../../score/comparison/compare.js';
import { sum } from '../../base/number/mean.js';
import { plural } from '../../base/plural.js';
import type { Range } from '../../score/statistics/quantile.js';
import { decimal, percent, points } from '../../base/number/decimal.js';
import { sideCoverage } from '../../score/comparison/comparison-side.js';
import { perTrial } from '../../score/job/cost.js';
import { pairedChanges, pairedEndings } from '../../score/comparison/paired-changes.js';
import { duration, partMark } from '../text/format.js';
import { renderGrid } from '../text/grid.js';
import { labelledLines, printable } from '../text/text.js';
import { appendAll } from '../../base/append-all.js';

/** A comparison and, where the sides are jobs, their scores (for endings, tokens and time). */
export interface ComparisonView {
  readonly comparison: Comparison;
  readonly before: JobScore | null;
  readonly after: JobScore | null;
}

const indent = 14;

/** What changed between two jobs, for a terminal. */
export function renderComparison(view: ComparisonView, width: number): string {
  const { comparison: c } = view;
  const { won, lost, tied } = splitTasks(c.tasks);
  const lines: [string, string][] = [
    ...differenceLines(c),
    ...labelLines(c),
    [
      'means',
      `${meanText(c, 'before')} → ${meanText(c, 'after')} % over ${plural(c.nTasks, 'task')} measured on both sides`,
    ],
    ...(c.nTasks === 0
      ? []
      : ([
          ['difference', `${points(c.difference)} points`],
          ['same tasks', sameTasksLine(c)],
          ['new tasks', newTasksLine(c)],
        ] as [string, string][])),
    ['verdict', verdictOf(c)],
    ['tasks', `${won.length} better, ${lost.length} worse, ${tied.length} alike`],
    ...(c.unpaired.length > 0
      ? [['left out', `${plural(c.unpaired.length, 'task')}: ${c.unpaired.join(', ')}`] as [string, string]]
      : []),
    ...changeLines(view),
  ];
  const title = printable(`${c.before.name} → ${c.after.name}`);
  const head = labelledLines(lines, { width, indent });
  const table = won.length + lost.length === 0 ? [] : ['', renderTasks([...lost, ...won], width)];
  return `${[title, ...head, ...table].join('\n')}\n`;
}

/** A side's mean in percent, marked where its job is not whole; `–` where no task is measured on both sides. */
export function meanText(c: Comparison, side: 'before' | 'after'): string {
  const mean = c.nTasks === 0 ? '–' : percent(side === 'before' ? c.meanBefore : c.meanAfter);
  return mean + partMark(sideCoverage(c[side]));
}

/** Tasks better, worse and alike; the largest changes first. */
export function splitTasks(tasks: readonly TaskComparison[]): {
  won: TaskComparison[];
  lost: TaskComparison[];
  tied: TaskComparison[];
} {
  const bySize = [...tasks].sort((a, b) => Math.abs(b.difference) - Math.abs(a.difference));
  return {
    won: bySize.filter((task) => task.difference > 0),
    lost: bySize.filter((task) => task.difference < 0),
    tied: bySize.filter((task) => task.difference === 0),
  };
}

/** What differs between the two besides the model. */
export function differenceLines({ differences }: Comparison): [string, string][] {
  return differences.map(({ detail }) => ['differs', detail]);
}

/** The labels of each side: how it departs from the published protocol. */
export function labelLines({ before, after }: Comparison): [string, string][] {
  return [before, after].flatMap(({ name, labels }) =>
    labels.map((label): [string, string] => ['label', `${name}: ${label}`]),
  );
}

/** One sentence on what the numbers allow to be said. */
export function verdictOf(c: Comparison): string {
  if (c.nTasks === 0) return 'nothing to compare: no task is measured on both sides';
  const direction = c.difference > 0 ? 'better' : 'worse';
  if (!isBeyondChance(c.sameTasks.test.twoSided)) {
    return `no difference beyond chance; ${wouldHaveShown(c.sameTasks.detectable)}`;
  }
  const p = c.newTasks?.p ?? null;
  const general = p !== null && isBeyondChance(p);
  return general
    ? `${c.after.name} is ${direction}, on these tasks and on others like them`
    : `${c.after.name} is ${direction} on these tasks; whether on others like them, so few tasks cannot say`;
}

function sameTasksLine({ sameTasks: s }: Comparison): string {
  const test = s.test.method === 'exact' ? 'exact permutation' : 'permutation';
  return `95 % ${span(s.interval)}, ${test} p ${pValue(s.test.twoSided)}; ${powerOf(s.detectable)}`;
}

function newTasksLine({ newTasks: n }: Comparison): string {
  if (n === null) return 'a single task says nothing about others';
  if (n.p === null) return 'all tasks changed alike: there is no spread to judge others by';
  return `95 % ${span(n.interval)}, paired t p ${pValue(n.p)}; ${powerOf(n.detectable)}`;
}

/** A difference above 100 points does not exist. */
export function powerOf(detectable: number): string {
  return detectable > 1 ? 'no 80 % power for any difference' : `80 % power for ${percent(detectable)} points`;
}

function wouldHaveShown(detectable: number): string {
  return detectable > 1
    ? 'too little data for any to show with 80 % power'
    : `one of ${percent(detectable)} points would have shown with 80 % power`;
}

function span({ low, high }: Range): string {
  return `${points(low)} to ${points(high)}`;
}

export function pValue(p: number): string {
  return p < 0.001 ? '< 0.001' : decimal(p, 3);
}

function changeLines({ before, after }: ComparisonView): [string, string][] {
  if (before === null || after === null) return [];
  const endings = pairedEndings(before, after).map(
    ({ what, meanBefore, meanAfter, interval }) =>
      `${what} ${percent(meanBefore)} → ${percent(meanAfter)} %${interval === null || meanBefore === meanAfter ? '' : ` (95 % ${span(interval)})`}`,
  );
  const lines: [string, string][] = [['endings', endings.join(', ')]];
  appendAll(lines, pairedLines(before, after));
  const [timeA, timeB] = [perTrial(before, before.cost.trialMs), perTrial(after, after.cost.trialMs)];
  if (timeA !== null && timeB !== null)
    lines.push(['time', `${duration(timeA)} → ${duration(timeB)} a trial`]);
  return lines;
}

/** Turns, tokens and format errors a trial, paired by task: what a changed harness moves before it moves rewards. */
function pairedLines(before: JobScore, after: JobScore): [string, string][] {
  return pairedChanges(before, after).map(({ what, meanBefore, meanAfter, interval, nTasks }) => [
    // The column of names is narrower than "format errors".
    what === 'format errors' ? 'bad format' : what,
    `${decimal(meanBefore, 1)} → ${decimal(meanAfter, 1)} a trial; ${interval === null ? 'no interval' : `95 % ${decimal(interval.low, 1)} to ${decimal(interval.high, 1)}`}, paired over ${plural(nTasks, 'task')}`,
  ]);
}

function renderTasks(tasks: readonly TaskComparison[], width: number): string {
  const columns = [
    { title: 'task', shrink: true },
    { title: 'before', align: 'right' },
    { title: 'after', align: 'right' },
    { title: 'points', align: 'right' },
  ] as const;
  return renderGrid(
    columns,
    tasks.map((task) => [task.task, solveRate(task.before), solveRate(task.after), points(task.difference)]),
    width,
  );
}

/** `3/5`, or the mean reward where there is partial credit. */
export function solveRate(rewards: readonly number[]): string {
  const total = sum(rewards);
  const text = Number.isInteger(total) ? String(total) : decimal(total, 2);
  return rewards.length === 0 ? '–' : `${text}/${rewards.length}`;
}
