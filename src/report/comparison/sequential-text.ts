import { percent } from '../../base/number/decimal.js';
import { plural } from '../../base/plural.js';
import type { SequentialGateResult } from '../../score/sequential/sequential-gate.js';
import { sideCoverage } from '../../score/comparison/comparison-side.js';
import { partMark } from '../text/format.js';
import { escapeMarkdown } from '../text/delimited.js';
import { labelledLines } from '../text/text.js';
import { decisionWords } from './gate-text.js';

const indent = 14;

/** The decision of a gate that may stop early, for a terminal or a CI log. */
export function renderSequentialGate(result: SequentialGateResult, width: number): string {
  const lines = labelledLines(linesOf(result), { width, indent });
  return `${[`gate: ${decisionWords[result.decision]}`, ...lines].join('\n')}\n`;
}

/** The same for `$GITHUB_STEP_SUMMARY` and pull request comments. */
export function renderSequentialMarkdown(result: SequentialGateResult): string {
  const mark = { 'no-regression': '✅', regression: '❌', 'cannot-tell': '❔' }[result.decision];
  const lines = linesOf(result).map(([name, text]) => `- **${name}**: ${escapeMarkdown(text)}`);
  return `${[`## ${mark} tbench gate: ${decisionWords[result.decision]}`, '', ...lines].join('\n')}\n`;
}

/** The decision for machines; drops are fractions of 1. */
export function sequentialToJson(result: SequentialGateResult): Record<string, unknown> {
  return {
    schema_version: 1,
    units: { drop: 'fraction of 1, mean of baseline less candidate over the pairs looked at' },
    verdict: result.decision,
    reasons: result.reasons,
    baseline: result.baseline.name,
    candidate: result.candidate.name,
    max_drop: result.options.maxDrop,
    alpha: result.options.alpha,
    find_drop: Number.isFinite(result.findDrop) ? result.findDrop : null,
    miss: result.options.miss,
    block: result.options.block,
    seed: result.options.seed,
    trials_planned: result.planned,
    trials_looked_at: result.lookedAt,
    trials_unpaired: result.unpaired,
    may_go_on: result.mayGoOn,
    looks: result.looks.map(({ verdict, pairs, drop, redFrom, greenTo }) => ({
      says: verdict,
      pairs,
      drop,
      red_from: redFrom,
      green_to: greenTo,
    })),
  };
}

function linesOf(result: SequentialGateResult): [string, string][] {
  const { options, lookedAt, planned } = result;
  const last = result.looks.at(-1);
  const saved = planned === 0 ? 0 : 1 - lookedAt / planned;
  return [
    ...result.reasons.map((reason): [string, string] => ['because', reason]),
    ['baseline', result.baseline.name + partMark(sideCoverage(result.baseline))],
    ['candidate', result.candidate.name + partMark(sideCoverage(result.candidate))],
    ['looked at', `${lookedAt} of ${plural(planned, 'trial')}, ${plural(result.looks.length, 'look')}`],
    ...(result.decision !== 'cannot-tell' && saved > 0
      ? [['saved', `${percent(saved)} % of the trials were not needed`] as [string, string]]
      : []),
    ...(last === undefined
      ? []
      : [
          [
            'drop',
            `${percent(last.drop)} points over ${plural(last.pairs, 'pair')}; red from ${bound(last.redFrom)}, green up to ${bound(last.greenTo)}`,
          ] as [string, string],
        ]),
    [
      'allowed',
      `drop ${percent(options.maxDrop)} points with alpha ${options.alpha}; a drop of ${percent(result.findDrop)} points missed with at most ${options.miss}`,
    ],
    ...[result.baseline, result.candidate].flatMap((side) =>
      side.labels.map((label): [string, string] => ['label', `${side.name}: ${label}`]),
    ),
  ];
}

function bound(drop: number | null): string {
  return drop === null ? 'none yet' : percent(drop);
}
