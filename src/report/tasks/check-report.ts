import type { CheckFinding } from '../../dataset/check/check-task.js';
import { plural } from '../../base/plural.js';

/** `tbench tasks check`: a line a finding, errors first, and a line of counts. */
export function renderFindings(name: string, taskCount: number, findings: readonly CheckFinding[]): string {
  const levels = ['error', 'warning', 'note'] as const;
  const ordered = levels.flatMap((level) => findings.filter((one) => one.level === level));
  const lines = ordered.map(({ level, task, text }) => {
    const subject = task === '' || text.includes(`/${task}/`) ? '' : `${task}: `;
    return `${level.padEnd(8)} ${subject}${text.replaceAll('\n', '\n         ')}`;
  });
  const count = (level: CheckFinding['level']): number =>
    findings.filter((one) => one.level === level).length;
  const summary = `${name}: ${plural(taskCount, 'task')} checked; ${plural(count('error'), 'error')}, ${plural(count('warning'), 'warning')}, ${plural(count('note'), 'note')}`;
  return `${[...lines, summary].join('\n')}\n`;
}
