import { mean } from '../../base/number/mean.js';
import { percent } from '../../base/number/decimal.js';
import type { JobScore, TaskScore } from '../../score/job/job-score.js';
import { duration, meanAndStd, quantity } from '../text/format.js';
import type { ContextUse } from './jobs-chart.js';

const namesShown = 8;

/** What the picture of the means shows, in words: each job's number, best first. */
export function findMeans(scores: readonly JobScore[]): string {
  const known = scores.filter(({ coverage }) => coverage.measured > 0).sort((a, b) => b.mean - a.mean);
  const named = known
    .slice(0, namesShown)
    .map((score) => `${score.model} on ${score.dataset} ${meanAndStd(score)} %`);
  const more = known.length > namesShown ? `; and ${known.length - namesShown} more` : '';
  return named.length === 0 ? 'No job has a measured trial' : `Mean reward: ${named.join('; ')}${more}`;
}

/** How most trials of all jobs ended, and how many of those passed. */
export function findEndings(scores: readonly JobScore[]): string {
  const counts = new Map<string, { all: number; passed: number }>();
  for (const { counts: own } of scores)
    for (const [ending, count] of Object.entries(own.endings)) {
      const sum = counts.get(ending) ?? { all: 0, passed: 0 };
      counts.set(ending, { all: sum.all + count, passed: sum.passed + (own.endingPasses[ending] ?? 0) });
    }
  const trials = [...counts.values()].reduce((sum, { all }) => sum + all, 0);
  const [most] = [...counts].sort(([, a], [, b]) => b.all - a.all);
  if (most === undefined) return 'No trial has ended';
  const [ending, { all, passed }] = most;
  return `${all} of ${trials} trials ended with ${ending}, the most frequent ending; ${passed} of those passed`;
}

/** What took most of the trials' time. */
export function findTime(scores: readonly JobScore[]): string {
  const parts = { 'the set-up': 0, 'the agent': 0, 'the verifier': 0 };
  for (const { cost } of scores) {
    parts['the set-up'] += (cost.phasesMs.environmentSetup ?? 0) + (cost.phasesMs.agentSetup ?? 0);
    parts['the agent'] += cost.phasesMs.agent ?? 0;
    parts['the verifier'] += cost.phasesMs.verifier ?? 0;
  }
  const sum = Object.values(parts).reduce((all, ms) => all + ms, 0);
  const [most] = Object.entries(parts).sort(([, a], [, b]) => b - a);
  if (most === undefined || sum === 0) return 'No times are recorded';
  return `${percent(most[1] / sum)} % of the trials’ time was ${most[0]}’s, ${duration(most[1])} of ${duration(sum)}`;
}

/** How much context trials that passed used, and how much the others. */
export function findContext(uses: readonly ContextUse[]): string {
  const medianOf = (passed: boolean): string | null => {
    const tokens = uses
      .filter(({ outcome }) => (outcome === 'passed') === passed)
      .map((use) => use.tokens)
      .sort((a, b) => a - b);
    const half = (tokens.length - 1) / 2;
    const middle = tokens.slice(Math.floor(half), Math.ceil(half) + 1);
    return middle.length === 0 ? null : `${quantity(Math.round(mean(middle)))} tokens`;
  };
  const [passed, others] = [medianOf(true), medianOf(false)];
  return `Context used, median: ${passed ?? 'no trial'} where the trial passed, ${others ?? 'no trial'} where it did not`;
}

/** How many tasks are solved always, never and sometimes. */
export function findTasks({ name, tasks }: JobScore): string {
  const measured = tasks.filter((task) => task.measured > 0);
  const always = measured.filter((task) => task.passes === task.measured).length;
  const never = measured.filter((task) => task.passes === 0).length;
  return `${name}: of ${measured.length} measured tasks ${always} are always solved, ${never} never, ${measured.length - always - never} sometimes`;
}

/** What tasks that are mostly solved cost, and what the others. */
export function findCost({ name, tasks }: JobScore): string {
  const measured = tasks.filter((task) => task.measured > 0);
  const solved = costOf(measured.filter((task) => task.mean >= 0.5));
  const others = costOf(measured.filter((task) => task.mean < 0.5));
  return `${name}: a trial took ${solved} on tasks with a mean of at least 50 %, ${others} on the others`;
}

function costOf(tasks: readonly TaskScore[]): string {
  const meanOf = (values: readonly (number | null)[]): number | null => {
    const known = values.filter((value) => value !== null);
    return known.length === 0 ? null : mean(known);
  };
  const tokens = meanOf(tasks.map(({ outputTokens }) => outputTokens));
  const wallMs = meanOf(tasks.map((task) => task.wallMs));
  const parts = [
    ...(tokens === null ? [] : [`${quantity(Math.round(tokens))} output tokens`]),
    ...(wallMs === null ? [] : [duration(wallMs)]),
  ];
  return parts.length === 0 ? 'nothing that is recorded' : parts.join(' and ');
}
