import { basename } from 'node:path';
import { readReportedTests } from '../trial/test-report.js';

/** A test that failed in some trials of a task. */
export interface FailedTest {
  readonly task: string;
  readonly test: string;
  readonly failed: number;
  /** Trials whose report says that it passed or failed. */
  readonly ran: number;
}

/** The tests of a job that failed most often, by the reports in its trials' folders; at most `most`. */
export async function mostFailedTests(folders: readonly string[], most: number): Promise<FailedTest[]> {
  const counts = new Map<string, FailedTest>();
  for (const folder of folders) {
    const task = basename(folder).replace(/__[^_]*$/, '');
    for (const { name, status } of await readReportedTests(folder)) {
      if (status !== 'passed' && status !== 'failed') continue;
      const key = JSON.stringify([task, name]);
      const { failed, ran } = counts.get(key) ?? { failed: 0, ran: 0 };
      counts.set(key, { task, test: name, failed: failed + Number(status === 'failed'), ran: ran + 1 });
    }
  }
  return [...counts.values()]
    .filter(({ failed }) => failed > 0)
    .sort((a, b) => b.failed - a.failed || a.ran - b.ran || (a.task + a.test < b.task + b.test ? -1 : 1))
    .slice(0, most);
}
