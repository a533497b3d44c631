import { basename } from 'node:path';
import { readTrial } from '../../results/formats/harbor/read-trial.js';
import { auditedInSteps, auditForeign, type ForeignAudit } from '../audit/audit-foreign.js';
import { mostFailedTests, type FailedTest } from './failed-tests.js';
import { keepsReports, readForeignTrial } from '../audit/foreign-evidence.js';

const failedTestsShown = 10;

/** Every trial of a job folder judged from its files alone, whoever wrote it. */
export interface FolderAudit {
  readonly name: string;
  /** Where it lies: other jobs may have its name. */
  readonly dir: string;
  /** False where no trial has a test report: then a missing one says nothing. */
  readonly keepsReports: boolean;
  readonly trials: readonly AuditedTrial[];
  readonly failedTests: readonly FailedTest[];
}

export interface AuditedTrial {
  readonly name: string;
  readonly reward: number | null;
  readonly audit: ForeignAudit;
}

/** Audits the given trial folders of the job folder `dir`. */
export async function auditFolder(dir: string, folders: readonly string[]): Promise<FolderAudit> {
  const reports = await keepsReports(folders.map((folder) => ({ dir: folder })));
  const trials: AuditedTrial[] = [];
  for (const folder of folders) {
    const { trial } = await readTrial(folder);
    const reward = trial?.reward ?? null;
    const audit =
      trial?.steps === undefined
        ? auditForeign(await readForeignTrial({ dir: folder, reward }), reports)
        : auditedInSteps;
    trials.push({ name: basename(folder), reward, audit });
  }
  const failedTests = await mostFailedTests(folders, failedTestsShown);
  return { name: basename(dir), dir, keepsReports: reports, trials, failedTests };
}
