import { percent, points } from '../../base/number/decimal.js';
import { plural } from '../../base/plural.js';
import type { Curve, CurveDifference, CurvePoint } from '../../score/checkpoints/curve.js';
import { renderGrid } from '../text/grid.js';
import { labelledLines, printable } from '../text/text.js';

/** One training run's curve under its name. */
export interface NamedCurve {
  readonly name: string;
  readonly curve: Curve;
}

const indent = 18;
/** More attempts than this a task nobody makes. */
const mostAttempts = 1000;

/** Score against training step, and what may be said of the best, for a terminal. */
export function renderCurve({ name, curve }: NamedCurve, width: number): string {
  const rows = curve.points.map((point) => [
    point.label,
    percent(point.mean),
    `${point.coverage.measured}/${point.coverage.planned}`,
    `${percent(point.band.low)}–${percent(point.band.high)}`,
    point.rise === null ? '' : points(point.rise.mean),
    point.rise === null ? '' : `${points(point.rise.low)} … ${points(point.rise.high)}`,
    String(point.attempts),
    point.label === curve.best.label ? 'best seen' : point.maybeBest ? 'may be best' : '',
  ]);
  const lines = labelledLines(curveLines(curve), { width, indent });
  const title = printable(`${name}: ${plural(curve.points.length, 'step')}, ${plural(curve.nTasks, 'task')}`);
  return `${[title, '', renderGrid(columns, rows, width), '', ...lines].join('\n')}\n`;
}

/** Two training runs where they have the same step. */
export function renderCurveDifferences(differences: readonly CurveDifference[], width: number): string {
  const rows = differences.map((point) => [
    String(point.at),
    points(point.mean),
    `${points(point.low)} … ${points(point.high)}`,
    point.low > 0 ? 'better' : point.high < 0 ? 'worse' : 'not told apart',
  ]);
  return `${renderGrid(differenceColumns, rows, width)}\n`;
}

const columns = [
  { title: 'step', align: 'right' },
  { title: 'mean %', align: 'right' },
  { title: 'measured', align: 'right' },
  { title: 'band', align: 'right' },
  { title: 'change', align: 'right' },
  { title: 'its band', align: 'right' },
  { title: 'attempts', align: 'right' },
  { title: '' },
] as const;

const differenceColumns = [
  { title: 'step', align: 'right' },
  { title: 'second less first', align: 'right' },
  { title: 'band', align: 'right' },
  { title: 'second is' },
] as const;

function curveLines({ best, points: all, level, stoppedAt, unpaired }: Curve): [string, string][] {
  const rivals = all.filter((point) => point.maybeBest && point.label !== best.label);
  return [
    [
      'best seen',
      `step ${best.label} with ${percent(best.seen)} %; with the luck of being chosen taken off ${percent(best.corrected)} %, ${percent(level)} % between ${percent(best.interval.low)} and ${percent(best.interval.high)} (new attempts at these tasks)`,
    ],
    [
      'not told apart',
      rivals.length === 0
        ? `no other step: it is the best at ${percent(level)} %`
        : `${plural(rivals.length, 'other step')}: ${rivals.map((point) => point.label).join(', ')}`,
    ],
    ...(rivals.length === 0 ? [] : [['would take', rivals.map(separation).join('; ')] as [string, string]]),
    ['improved until', `step ${stoppedAt}: no later step is shown to be better`],
    ['bands', `hold all steps at once with ${percent(level)} % for new tasks of the kind, paired by task`],
    ...(unpaired.length === 0
      ? []
      : [['left out', `${plural(unpaired.length, 'task')} not measured at every step`] as [string, string]]),
  ];
}

function separation({ label, attemptsToSeparate: attempts }: CurvePoint): string {
  return attempts === null || attempts > mostAttempts
    ? `step ${label}: more than ${mostAttempts} attempts a task`
    : `step ${label}: ${plural(attempts, 'attempt')} a task, if it is as far below as seen`;
}
