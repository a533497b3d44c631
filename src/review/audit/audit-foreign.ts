import { isPassing } from '../../record/reward.js';
import type { Verdict } from '../../record/verdict.js';
import type { VerifierStatus } from '../../record/verifier-status.js';
import type { BootstrapFailure, ReportCounts } from '../../record/evidence/test-evidence.js';
import { recogniseBootstrapFailure } from '../../verifier/tests/bootstrap.js';
import { parseCtrf } from '../../verifier/tests/ctrf.js';
import { parseRunnerOutput } from '../../verifier/tests/runner-output.js';

/** What another harness left of one verification; null where it kept nothing. */
export interface ForeignTrial {
  readonly reward: number | null;
  /** Text of verifier/ctrf.json. */
  readonly ctrf: string | null;
  /** Text of verifier/test-stdout.txt. */
  readonly testStdout: string | null;
}

/** The same rules as for our own trials, as far as another harness's files allow. */
export interface ForeignAudit {
  /** null: the files do not tell. */
  readonly status: VerifierStatus | null;
  readonly verdict: Verdict | null;
  readonly report: ReportCounts | null;
  readonly bootstrap: BootstrapFailure | null;
  /** One sentence for a person. */
  readonly reason: string;
}

/** Of a trial of several steps: what lies in its own folder proves nothing. */
export const auditedInSteps: ForeignAudit = {
  status: null,
  verdict: null,
  report: null,
  bootstrap: null,
  reason: 'each of its steps has tests of its own',
};

/**
 * Audits one foreign trial. `keepsReports` says that its job kept test reports at all (any trial of it has one):
 * only then does a missing report mean that no test ran.
 */
export function auditForeign(trial: ForeignTrial, keepsReports: boolean): ForeignAudit {
  const report = trial.ctrf === null ? null : parseCtrf(trial.ctrf);
  const output = trial.testStdout;
  const runner = output === null ? null : parseRunnerOutput(output);
  const ran = (report?.tests ?? 0) > 0 || (runner !== null && (runner.started || runner.summary !== null));
  const bootstrap = ran || output === null ? null : recogniseBootstrapFailure(output);
  const found = { report, bootstrap };
  if (trial.reward === null)
    return {
      status: ran ? 'completed' : 'not_run',
      verdict: 'unverifiable',
      ...found,
      reason: 'no reward was recorded',
    };
  if (isPassing(trial.reward)) return { ...judgePass(report, keepsReports), ...found };
  if (ran)
    return {
      status: 'completed',
      verdict: 'clean',
      ...found,
      reason: 'the tests ran and the report fits the reward',
    };
  if (bootstrap !== null)
    return {
      status: 'bootstrap_failed',
      verdict: 'unverifiable',
      ...found,
      reason: `the tests never started: ${bootstrap.line}`,
    };
  if (keepsReports)
    return {
      status: 'not_run',
      verdict: 'unverifiable',
      ...found,
      reason: 'there is no test report, though other trials of the job have one',
    };
  return {
    status: null,
    verdict: null,
    ...found,
    reason: 'the job kept neither test reports nor test output',
  };
}

function judgePass(
  report: ReportCounts | null,
  keepsReports: boolean,
): Pick<ForeignAudit, 'status' | 'verdict' | 'reason'> {
  if (report === null) {
    return keepsReports
      ? {
          status: 'completed',
          verdict: 'tampered',
          reason: 'a pass without a test report, though other trials of the job have one',
        }
      : { status: null, verdict: null, reason: 'the job kept no test reports' };
  }
  if (report.passed === 0 || report.failed > 0) {
    return {
      status: 'completed',
      verdict: 'tampered',
      reason: `a pass, but the report has ${report.passed} passed and ${report.failed} failed of ${report.tests}`,
    };
  }
  if (report.passed < report.tests)
    return {
      status: 'completed',
      verdict: 'suspicious',
      reason: `a pass with ${report.tests - report.passed} tests not passed`,
    };
  return {
    status: 'completed',
    verdict: 'clean',
    reason: `all ${report.tests} tests passed and the reward says so`,
  };
}
