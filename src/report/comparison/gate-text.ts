import type { GateResult, GateTask, GateDecision } from '../../score/comparison/gate.js';
import { plural } from '../../base/plural.js';
import { differenceLines, labelLines, meanText, pValue, solveRate } from './comparison-text.js';
import { escapeMarkdown, renderMarkdownTable } from '../text/delimited.js';
import { percent, points } from '../../base/number/decimal.js';
import { renderGrid } from '../text/grid.js';
import { labelledLines, printable } from '../text/text.js';

export const decisionWords: Readonly<Record<GateDecision, string>> = {
  'no-regression': 'no regression',
  regression: 'regression',
  'cannot-tell': 'cannot tell',
};

const indent = 14;

/** The gate's decision for a terminal or a CI log. */
export function renderGate(result: GateResult, width: number): string {
  const lines = labelledLines(gateLines(result), { width, indent });
  const changed = changedTasks(result);
  const table = changed.length === 0 ? [] : ['', renderGrid(taskColumns, changed.map(taskRow), width)];
  return `${[`gate: ${decisionWords[result.decision]}`, ...lines, ...table].join('\n')}\n`;
}

/** The same for `$GITHUB_STEP_SUMMARY` and pull request comments. */
export function renderGateMarkdown(result: GateResult): string {
  const mark = { 'no-regression': '✅', regression: '❌', 'cannot-tell': '❔' }[result.decision];
  const lines = gateLines(result).map(([name, text]) => `- **${name}**: ${escapeMarkdown(text)}`);
  const changed = changedTasks(result);
  const table = changed.length === 0 ? [] : ['', renderMarkdownTable(taskColumns, changed.map(taskRow))];
  return `${[`## ${mark} tbench gate: ${decisionWords[result.decision]}`, '', ...lines, ...table].join('\n')}\n`;
}

/** Workflow commands that GitHub shows on the run: one for the decision, one for each broken task of a red gate. */
export function renderGateAnnotations(result: GateResult): string {
  const level = { 'no-regression': 'notice', regression: 'error', 'cannot-tell': 'warning' }[result.decision];
  const lines = [
    `::${level} title=tbench gate::${escapeCommand(`${decisionWords[result.decision]}: ${result.reasons.join('; ')}`)}`,
  ];
  if (result.decision === 'regression') {
    for (const task of result.tasks.filter((entry) => entry.status === 'broken')) {
      lines.push(`::warning title=${escapeProperty(task.task)}::${escapeCommand(taskSentence(task))}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

export function taskSentence(task: GateTask): string {
  return `${task.task}: ${solveRate(task.before)} before, ${solveRate(task.after)} now (${task.status})`;
}

function gateLines(result: GateResult): [string, string][] {
  const { comparison: c, options } = result;
  return [
    ...result.reasons.map((reason): [string, string] => ['because', reason]),
    ...remedyLine(result),
    ['baseline', `${c.before.name}: ${meanText(c, 'before')} %`],
    [
      'candidate',
      `${c.after.name}: ${meanText(c, 'after')} %, ${plural(c.nTasks, 'task')} measured on both sides`,
    ],
    ...(c.nTasks === 0 ? [] : [['drop', dropText(result)] as [string, string]]),
    ['can see', canSee(result.detectableDrop)],
    [
      'allowed',
      `drop ${percent(options.maxDrop)} points, alpha ${options.alpha}, unmeasured ${percent(options.maxUnmeasured)} %`,
    ],
    ...labelLines(c),
    ...differenceLines(c),
  ];
}

function dropText({ drop, dropBounds, options, p }: GateResult): string {
  return `${percent(drop)} points, one-sided ${percent(1 - options.alpha)} % bounds ${percent(dropBounds.low)} and ${percent(dropBounds.high)}; p ${pValue(p)}`;
}

/** The options that would let the gate tell, where it cannot and some would. */
function remedyLine({ remedy: { allow, maxUnmeasured } }: GateResult): [string, string][] {
  const parts = [
    ...(allow.length === 0 ? [] : [`--allow ${allow.join(' ')}`]),
    ...(maxUnmeasured === null ? [] : [`--max-unmeasured ${Math.ceil(maxUnmeasured * 1000) / 1000}`]),
  ];
  return parts.length === 0 ? [] : [['accept with', parts.join(' ')]];
}

function canSee(detectableDrop: number | null): string {
  if (detectableDrop === null || detectableDrop > 1)
    return 'no drop of any size with 80 % power: too little data';
  return `a drop of ${percent(detectableDrop)} points or more, with 80 % power`;
}

/** Tasks that moved, worst first; flaky ones that did not move are left to the JUnit file. */
function changedTasks(result: GateResult): GateTask[] {
  return result.tasks
    .filter((task) => Math.abs(task.difference) > 1e-12)
    .sort((a, b) => a.difference - b.difference);
}

const taskColumns = [
  { title: 'task', shrink: true },
  { title: 'before', align: 'right' },
  { title: 'now', align: 'right' },
  { title: 'points', align: 'right' },
  { title: 'status' },
] as const;

function taskRow(task: GateTask): string[] {
  return [task.task, solveRate(task.before), solveRate(task.after), points(task.difference), task.status];
}

/** Text of a workflow command, on one line; the runner decodes `%25`. */
function escapeCommand(text: string): string {
  return printable(text).replaceAll('%', '%25');
}

function escapeProperty(text: string): string {
  return escapeCommand(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
