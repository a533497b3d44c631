import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { openForeignFile, readRange } from '../../base/foreign-file.js';
import { parseCtrf } from '../../verifier/tests/ctrf.js';
import type { ForeignTrial } from './audit-foreign.js';

const mostOfOutputBytes = 256 * 1024;
const mostOfReportBytes = 4 * 1024 * 1024;
const report = 'verifier/ctrf.json';

/** Where a trial's files lie, and the reward that its harness recorded. */
export interface ForeignTrialFiles {
  /** Null where a format keeps no folder a trial. */
  readonly dir: string | null;
  readonly reward: number | null;
}

/** What a trial's folder holds for an audit: the report, and the output only where the report does not already show that tests ran. */
export async function readForeignTrial({ dir, reward }: ForeignTrialFiles): Promise<ForeignTrial> {
  if (dir === null) return { reward, ctrf: null, testStdout: null };
  const ctrf = await readStart(dir, report, mostOfReportBytes);
  const ran = ctrf !== null && (parseCtrf(ctrf)?.tests ?? 0) > 0;
  return {
    reward,
    ctrf,
    testStdout: ran ? null : await readStart(dir, 'verifier/test-stdout.txt', mostOfOutputBytes),
  };
}

/** Whether a job kept test reports at all: where none of its trials has one, a missing report means nothing. */
export async function keepsReports(trials: readonly Pick<ForeignTrialFiles, 'dir'>[]): Promise<boolean> {
  for (const { dir } of trials) {
    if (dir !== null && (await lstat(join(dir, report)).catch(() => null)) !== null) return true;
  }
  return false;
}

/** The first bytes of a file as text; null when there is none. */
async function readStart(dir: string, name: string, limitBytes: number): Promise<string | null> {
  const opened = await openForeignFile(dir, name);
  if (opened.kind !== 'file') return null;
  await using file = opened.value;
  const length = Math.min((await file.stat()).size, limitBytes);
  return (await readRange(file, { start: 0, length })).toString('utf8');
}
