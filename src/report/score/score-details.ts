import { ownOf } from '../../base/json-value.js';
import type { JobScore } from '../../score/job/job-score.js';
import type { StepScore } from '../../score/job/score-steps.js';
import { percent } from '../../base/number/decimal.js';
import { duration, meanAndStd, quantity, tallyText } from '../text/format.js';
import { labelledLines, printable, wrapIndented } from '../text/text.js';

const indent = 13;

/** The lines under the table: where one job's number comes from and how far it can be trusted. */
export function renderScoreDetails(score: JobScore, width: number): string {
  const title = printable(`${score.name}: ${score.model} on ${score.dataset}, ${score.harness}`);
  return [wrapIndented(title, width, 2), ...labelledLines(scoreLines(score), { width, indent })].join('\n');
}

/** What is said of a job, as (name, text); names may repeat. */
export function scoreLines(score: JobScore): [string, string][] {
  const lines: [string, string][] = [
    ...score.labels.map((label): [string, string] => ['label', label]),
    ['score', scoreLine(score)],
    ...(score.coverage.measured === 0
      ? []
      : ([
          ['spread', spreadLine(score)],
          ['interval', intervalLine(score)],
          ['passes', passLine(score)],
        ] as [string, string][])),
    ['coverage', coverageLine(score)],
    ['endings', endingLine(score)],
    ['exceptions', tallyText(score.counts.errors)],
    ['blames', tallyText(score.counts.blames)],
    ['verifier', tallyText(score.counts.statuses)],
    ['verdicts', tallyText(score.counts.verdicts)],
    ['budget', score.job.budgetMode ?? ''],
    ['tokens', tokenLine(score)],
    ['odd turns', oddTurnLine(score)],
    ['time', timeLine(score)],
    ...groupLines(score),
    ...score.steps.map(stepLine),
    ...score.notes.map((note): [string, string] => ['note', note]),
  ];
  return lines.filter(([, text]) => text !== '');
}

function scoreLine(score: JobScore): string {
  const { measured, planned } = score.coverage;
  if (score.runs.length === 0) return '– (no trial is done yet)';
  if (measured === 0) return '– (no trial was measured)';
  const runs = score.runs.map((run) => percent(run.mean)).join(' ');
  const part = measured === planned ? '' : `${measured}/${planned} trials measured; `;
  if (score.runs.length < 2) return `${percent(score.mean)} % (${part}one run, so no std)`;
  return `${meanAndStd(score)} % (${part}population std over ${score.runs.length} runs: ${runs})`;
}

function spreadLine({ uncertainty: u }: JobScore): string {
  const parts: string[] = [];
  if (u.expectedStd !== null) {
    const range =
      u.repairing === null
        ? ''
        : `, 5–95 % of pairings ${percent(u.repairing.low)}–${percent(u.repairing.high)}`;
    parts.push(`expected std ${percent(u.expectedStd)} whatever the pairing${range}`);
  }
  if (u.fixedTaskStandardError !== null)
    parts.push(`standard error ${percent(u.fixedTaskStandardError)} on these tasks`);
  if (u.clusteredStandardError !== null) parts.push(`${percent(u.clusteredStandardError)} for new tasks`);
  return parts.join('; ');
}

function intervalLine({ uncertainty: u, nTrials }: JobScore): string {
  const span = ({ low, high }: { low: number; high: number }): string => `${percent(low)}–${percent(high)}`;
  return `95 %: ${span(u.bootstrap)} (bootstrap over tasks); pass rate ${span(u.wilson)} (Wilson, ${nTrials} trials)`;
}

function passLine(score: JobScore): string {
  const curve = score.passAtK.filter(({ k }) => k > 1);
  const list = (pick: (entry: (typeof curve)[number]) => number): string =>
    curve.map((entry) => `${entry.k}: ${percent(pick(entry))}`).join(', ');
  const rest =
    curve.length === 0 ? '' : `; pass@k ${list((e) => e.passAtK)}; pass^k ${list((e) => e.passHatK)}`;
  return `${score.passes} of ${score.nTrials} trials with reward 1, ${percent(score.passRate)} %${rest}`;
}

function coverageLine({ coverage }: JobScore): string {
  const { notMeasured, missing } = coverage;
  const base = [
    `${coverage.measured} of ${coverage.planned} planned trials measured`,
    ...(notMeasured > 0 ? [`${notMeasured} ended without a verdict`] : []),
    ...(missing > 0 ? [`${missing} without a result`] : []),
  ].join(', ');
  if (coverage.measured === coverage.planned || coverage.meanOfMeasured === null) return base;
  return `${base}; mean of the measured ${percent(coverage.meanOfMeasured)} %, with all others as 0 ${percent(coverage.meanOfPlanned)} %`;
}

/** How trials ended, and how many of them passed: `submitted 33 (18 passed)`. */
function endingLine({ counts }: JobScore): string {
  return Object.entries(counts.endings)
    .map(([ending, count]) => `${ending} ${count} (${ownOf(counts.endingPasses, ending) ?? 0} passed)`)
    .join(', ');
}

function tokenLine({ cost }: JobScore): string {
  if (cost.inputTokens === null && cost.outputTokens === null) return '';
  const parts = [`${quantity(cost.inputTokens ?? 0)} in`, `${quantity(cost.outputTokens ?? 0)} out`];
  if (cost.cachedTokens !== null) parts.push(`${quantity(cost.cachedTokens)} cached`);
  if (cost.turns !== null) parts.push(`${quantity(cost.turns)} turns`);
  return parts.join(', ');
}

function oddTurnLine({ cost: { oddTurns: odd } }: JobScore): string {
  if (odd === null) return '';
  const parts: [number, string][] = [
    [odd.formatErrors, 'format errors'],
    [odd.truncated, 'truncated'],
    [odd.recoveredCalls, 'calls recovered from text'],
    [odd.droppedThoughts, 'with thoughts dropped by the server'],
    [odd.requestRetries, 'request retries'],
  ];
  return parts.flatMap(([count, name]) => (count === 0 ? [] : [`${quantity(count)} ${name}`])).join(', ');
}

function timeLine({ cost }: JobScore): string {
  if (cost.trialMs === null) return '';
  const span = cost.spanMs === null ? '' : ` within ${duration(cost.spanMs)}`;
  const part = (name: string, ms: number | null): string[] =>
    ms === null ? [] : [`${name} ${duration(ms)}`];
  const phases = cost.phasesMs;
  const parts = [
    ...part('set-up', phases.environmentSetup),
    ...part('agent', phases.agent),
    ...part('of it model', phases.model),
    ...part('commands', phases.commands),
    ...part('verifier', phases.verifier),
  ];
  return `${duration(cost.trialMs)} of trials${span}${parts.length === 0 ? '' : `: ${parts.join(', ')}`}`;
}

function stepLine({ task, step, begun, mean, passes, verdicts }: StepScore): [string, string] {
  const said = tallyText(verdicts);
  const rewarded = mean === null ? '– (no reward)' : `${percent(mean)} %`;
  const counts = `${passes} of ${begun} trials that began it pass`;
  return ['step', `${task}, ${step}: ${rewarded}, ${counts}${said === '' ? '' : `; ${said}`}`];
}

function groupLines(score: JobScore): [string, string][] {
  return Object.entries(score.groups).map(([key, groups]) => [
    key,
    groups
      .map((group) => `${group.value} ${group.measured === 0 ? '–' : percent(group.mean)} (${group.nTasks})`)
      .join(', '),
  ]);
}
