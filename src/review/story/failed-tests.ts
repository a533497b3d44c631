import { basename } from 'node:path';
import { readForeignFile } from '../../base/foreign-file.js';
import { parseCtrfTests } from '../../verifier/tests/ctrf.js';

/** A test that failed in some trials of a task. */
export interface FailedTest {
  readonly task: string;
  readonly test: string;
  readonly failed: number;
  /** Trials whose report says that it passed or failed. */
  readonly ran: number;
}

const maxReportBytes = 4 * 1024 * 1024;

/** The tests of a job that failed most often, by the reports in its trials' folders; at most `most`. */
export async function mostFailedTests(folders: readonly string[], most: number): Promise<FailedTest[]> {
  const counts = new Map<string, FailedTest>();
  for (const folder of folders) {
    const task = basename(folder).replace(/__[^_]*$/, '');
    const report = await readForeignFile(folder, 'verifier/ctrf.json', { maxBytes: maxReportBytes });
    if (report.kind !== 'file') continue;
    for (const { name, status } of parseCtrfTests(report.value.toString('utf8'))) {
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
