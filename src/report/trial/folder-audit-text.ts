import type { FolderAudit } from '../../review/story/folder-audit.js';
import { printable, shorten } from '../text/text.js';

const longestTestName = 120;

/** Counts of a job's audit, then the trials that are not clean. */
export function renderFolderAudit({ name, dir, keepsReports, trials, failedTests }: FolderAudit): string {
  const zeros = trials.filter(({ reward }) => reward === 0);
  const silent = zeros.filter(({ audit }) => audit.report === null);
  const uvx = silent.filter(
    ({ audit }) => audit.bootstrap !== null && /\buvx\b/.test(audit.bootstrap.evidence),
  );
  const open = trials.filter(({ audit }) => audit.verdict !== 'clean' && audit.verdict !== null);
  const lines = [
    `${printable(name)}: ${trials.length} trials, ${zeros.length} scored 0`,
    keepsReports
      ? `  ${silent.length} zeros have no test report; in ${uvx.length} of them uvx was not found`
      : '  the job kept no test reports, so it cannot be told which zeros are tests that never ran',
    ...open.map(
      ({ name: trial, audit }) => `  ${audit.verdict ?? ''} ${printable(trial)}: ${printable(audit.reason)}`,
    ),
    ...(failedTests.length === 0 ? [] : ['', '  tests that failed most:']),
    ...failedTests.map(
      ({ task, test, failed, ran }) =>
        `    ${failed} of ${ran}  ${printable(task)}  ${shorten(printable(test), longestTestName)}`,
    ),
    '',
    `  files: ${printable(dir)}`,
  ];
  return `${lines.join('\n')}\n`;
}
