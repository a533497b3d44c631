import { safeText } from '../../base/safe-text.js';
import { escapeMarkup } from '../text/escape-markup.js';
import type { GateResult, GateTask } from '../../score/comparison/gate.js';
import { taskSentence, decisionWords } from './gate-text.js';

/**
 * The gate as JUnit XML: a case a task and one for the gate itself. A task fails only when the gate is red and
 * the task, always passed before, never passes now; flaky tasks are marked, never failed, and tasks without a
 * verdict are skipped. "Cannot tell" is an error of the gate's case.
 */
export function renderGateJunit(result: GateResult): string {
  const cases = [gateCase(result), ...result.tasks.map((task) => taskCase(task, result))];
  const count = (tag: string): number => cases.filter((text) => text.includes(`<${tag} `)).length;
  const totals = `tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="tbench gate" ${totals}>`,
    `  <testsuite name="${escapeXml(result.comparison.after.name)}" ${totals}>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function gateCase(result: GateResult): string {
  const message = escapeXml(`${decisionWords[result.decision]}: ${result.reasons.join('; ')}`);
  if (result.decision === 'regression') return testCase('gate', `<failure message="${message}"/>`);
  if (result.decision === 'cannot-tell') return testCase('gate', `<error message="${message}"/>`);
  return testCase('gate', `<system-out>${message}</system-out>`);
}

function taskCase(task: GateTask, result: GateResult): string {
  const sentence = escapeXml(taskSentence(task));
  if (task.status === 'unmeasured') return testCase(task.task, `<skipped message="no verdict on one side"/>`);
  if (task.status === 'broken' && result.decision === 'regression') {
    return testCase(task.task, `<failure message="${sentence}"/>`);
  }
  const flaky =
    task.status === 'flaky' ? '<properties><property name="flaky" value="true"/></properties>' : '';
  return testCase(task.task, `${flaky}<system-out>${sentence}</system-out>`);
}

function testCase(name: string, body: string): string {
  return `    <testcase classname="tbench" name="${escapeXml(name)}">${body}</testcase>`;
}

/** Text as XML character data or attribute value, on one line. What XML 1.0 cannot hold is among what safeText marks. */
export function escapeXml(text: string): string {
  return escapeMarkup(safeText(text));
}
