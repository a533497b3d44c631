import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCtrf } from '../../verifier/tests/ctrf.js';
import type { ForeignTrial } from './audit-foreign.js';

const mostOfOutputBytes = 256 * 1024;
const mostOfReportBytes = 4 * 1024 * 1024;

/** Where a trial's files lie, and the reward that its harness recorded. */
export interface RecordedTrial {
  /** Null where a format keeps no folder a trial. */
  readonly dir: string | null;
  readonly reward: number | null;
}

/** What a trial's folder holds for an audit: the report, and the output only where the report does not already show that tests ran. */
export async function readForeignTrial({ dir, reward }: RecordedTrial): Promise<ForeignTrial> {
  if (dir === null) return { reward, ctrf: null, testStdout: null };
  const ctrf = await readStart(reportPath(dir), mostOfReportBytes);
  const ran = ctrf !== null && (parseCtrf(ctrf)?.tests ?? 0) > 0;
  const outputPath = join(dir, 'verifier', 'test-stdout.txt');
  return { reward, ctrf, testStdout: ran ? null : await readStart(outputPath, mostOfOutputBytes) };
}

/** Whether a job kept test reports at all: where none of its trials has one, a missing report means nothing. */
export async function keepsReports(trials: readonly Pick<RecordedTrial, 'dir'>[]): Promise<boolean> {
  for (const { dir } of trials) {
    if (dir !== null && (await stat(reportPath(dir)).catch(() => null)) !== null) return true;
  }
  return false;
}

function reportPath(dir: string): string {
  return join(dir, 'verifier', 'ctrf.json');
}

/** The first bytes of a file as text; null when there is none. */
async function readStart(path: string, limitBytes: number): Promise<string | null> {
  try {
    await using file = await open(path, 'r');
    const length = Math.min((await file.stat()).size, limitBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } catch {
    return null;
  }
}
