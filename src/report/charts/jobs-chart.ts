import { percent } from '../../base/number/decimal.js';
import { sumOfKnown } from '../../base/number/sum-of-known.js';
import type { JobScore } from '../../score/job/job-score.js';
import { palette, type ChartSpec } from './render-chart.js';

const endingColours: readonly (readonly [string, string])[] = [
  ['submitted', palette.green],
  ['finished', palette.sky],
  ['turn-limit', palette.blue],
  ['token-budget', palette.yellow],
  ['context-window', palette.orange],
  ['agent-timeout', palette.red],
  ['format-errors', palette.pink],
  ['model-error', '#7f3b08'],
  ['sandbox-error', palette.black],
  ['storage-limit', '#6a51a3'],
  ['cancelled', '#969696'],
  ['unrecorded', palette.grey],
];

/** How the trials of each job ended, as shares. */
export function endingsChart(scores: readonly JobScore[]): ChartSpec {
  const values = scores.flatMap((score) =>
    Object.entries(score.counts.endings).map(([ending, count]) => ({
      job: score.name,
      part: ending,
      share: count / score.nTrials,
    })),
  );
  const present = endingColours.filter(([ending]) => values.some((value) => value.part === ending));
  return stackedBars(values, { title: 'How trials ended', field: 'ending', colours: present });
}

/** What the time of each job's trials went into, as shares; only parts that are recorded. */
export function timeChart(scores: readonly JobScore[]): ChartSpec | null {
  const values = scores.flatMap((score) => {
    const { phasesMs: phases } = score.cost;
    const itemised = phases.model !== null && phases.commands !== null;
    const rest =
      itemised && phases.agent !== null ? Math.max(0, phases.agent - phases.model - phases.commands) : null;
    const parts: readonly (readonly [string, number | null])[] = [
      ['set-up', sumOfKnown([phases.environmentSetup, phases.agentSetup])],
      ['model', itemised ? phases.model : phases.agent],
      ['commands', phases.commands],
      ['harness and unfinished steps', rest],
      ['verifier', phases.verifier],
    ];
    const total = parts.reduce((sum, [, ms]) => sum + (ms ?? 0), 0);
    return parts.flatMap(([part, ms]) =>
      ms === null || total === 0 ? [] : [{ job: score.name, part, share: ms / total }],
    );
  });
  if (values.length === 0) return null;
  return stackedBars(values, {
    title: 'Where trial time went',
    field: 'part',
    colours: [
      ['set-up', palette.grey],
      ['model', palette.blue],
      ['commands', palette.orange],
      ['harness and unfinished steps', palette.red],
      ['verifier', palette.green],
    ],
  });
}

/** How full the context was at the end of trials, by job and outcome; null where no job counts it. */
export function contextChart(
  jobs: readonly { readonly name: string; readonly context: readonly ContextUse[] }[],
): ChartSpec | null {
  const values = jobs.flatMap(({ name, context }) => context.map((entry) => ({ job: name, ...entry })));
  if (values.length === 0) return null;
  const isExact = values.every((value) => value.exact);
  return {
    title: isExact ? 'Context used at the end of a trial' : 'Prompt tokens a turn, mean of a trial',
    data: { values },
    width: 460,
    height: 140,
    mark: { type: 'bar' },
    encoding: {
      x: { field: 'tokens', type: 'quantitative', bin: { maxbins: 30 }, title: 'tokens' },
      y: { aggregate: 'count', type: 'quantitative', title: 'trials' },
      color: {
        field: 'outcome',
        type: 'nominal',
        title: null,
        scale: {
          domain: ['passed', 'not passed', 'no verdict'],
          range: [palette.green, palette.orange, palette.grey],
        },
      },
      ...(jobs.length > 1 ? { row: { field: 'job', type: 'nominal', title: null } } : {}),
    },
  };
}

export interface ContextUse {
  readonly tokens: number;
  readonly outcome: 'passed' | 'not passed' | 'no verdict';
  /** False where only the mean prompt of a turn is known. */
  readonly exact: boolean;
}

/** A part of a job's bar, as a fraction of the whole. */
interface Share {
  readonly job: string;
  readonly part: string;
  readonly share: number;
}

interface Stack {
  readonly title: string;
  readonly field: string;
  readonly colours: readonly (readonly [string, string])[];
}

function stackedBars(values: readonly Share[], { title, field, colours }: Stack): ChartSpec {
  const names = colours.map(([name]) => name);
  return {
    title,
    data: {
      values: values.map(({ job, part, share }) => ({
        ...{ job, [field]: part, share, order: names.indexOf(part) },
        said: `${job}: ${part} ${percent(share)} %`,
      })),
    },
    width: 460,
    height: { step: 28 },
    mark: 'bar',
    encoding: {
      y: { field: 'job', type: 'nominal', title: null, sort: null },
      x: {
        field: 'share',
        type: 'quantitative',
        title: null,
        axis: { format: '.0%' },
        scale: { domain: [0, 1], clamp: true },
      },
      color: {
        field,
        type: 'nominal',
        title: null,
        scale: { domain: names, range: colours.map(([, colour]) => colour) },
      },
      order: { field: 'order', type: 'quantitative' },
      description: { field: 'said', type: 'nominal' },
    },
  };
}
