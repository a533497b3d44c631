import type { RuleResult } from '../../score/published/check-rules.js';
import { printable, wrapIndented } from '../text/text.js';

const marks = { ok: 'ok  ', fail: 'FAIL', unknown: '?   ' } as const;

/** The rules and their outcomes, one a line, for a terminal. */
export function renderCheck(name: string, rules: readonly RuleResult[], width: number): string {
  const lines = rules.map(({ rule, outcome, detail, mend }) => {
    const cause = detail === '' ? rule : `${rule}: ${detail}`;
    const text = mend === undefined ? cause : `${cause}. Written by: ${mend}`;
    return `  ${marks[outcome]}  ${wrapIndented(printable(text), width, 8)}`;
  });
  const failed = rules.filter(({ outcome }) => outcome === 'fail').length;
  const unknown = rules.filter(({ outcome }) => outcome === 'unknown').length;
  const verdict =
    failed > 0 ? `breaks ${failed} of ${rules.length} rules` : `breaks none of ${rules.length} rules`;
  return `${[printable(name), ...lines, `${verdict}${unknown > 0 ? `, ${unknown} could not be checked` : ''}`].join('\n')}\n`;
}
