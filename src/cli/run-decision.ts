import { safeJson } from '../base/safe-text.js';
import { InputError } from '../base/errors.js';
import type { JobRequest } from '../job/job.js';
import type { JobPace } from '../job/pace.js';
import { untilDecided } from '../run/until-decided.js';
import type { JobSummary } from '../record/job-summary.js';
import { renderSequentialGate, sequentialToJson } from '../report/comparison/sequential-text.js';
import { readBaselineSide } from '../review/find-jobs.js';
import type { ComparisonSide } from '../score/comparison/comparison-side.js';
import {
  runSequentialGate,
  sequentialDefaults,
  type SequentialGateOptions,
} from '../score/sequential/sequential-gate.js';
import { decisionCodes } from './gate.js';
import { refuseWithout } from './options/gate-options.js';
import type { RunOptions } from './run-options.js';
import { terminalWidth } from './terminal-width.js';
import { print } from './tell.js';

/** What `--until-decided` was given: what to hold the job against, and with which errors. */
export interface DecisionAsked {
  readonly baseline: ComparisonSide;
  readonly options: SequentialGateOptions;
}

/** Null without `--until-decided`. */
export async function readDecision(options: RunOptions): Promise<DecisionAsked | null> {
  if (!options.untilDecided) {
    const { baseline, maxDrop, alpha, findDrop, miss } = options;
    refuseWithout(
      '--until-decided',
      {
        '--baseline': baseline,
        '--max-drop': maxDrop,
        '--alpha': alpha,
        '--find-drop': findDrop,
        '--miss': miss,
      },
      'A whole job is held against a baseline by: tbench gate JOB --baseline B',
    );
    return null;
  }
  if (options.baseline === undefined)
    throw new InputError('--until-decided needs --baseline', {
      hint: 'A job, or a file of: tbench baseline save JOB --out FILE',
    });
  return {
    baseline: await readBaselineSide(options.baseline, options.results),
    options: {
      ...sequentialDefaults,
      maxDrop: options.maxDrop ?? sequentialDefaults.maxDrop,
      alpha: options.alpha ?? sequentialDefaults.alpha,
      findDrop: options.findDrop ?? null,
      miss: options.miss ?? sequentialDefaults.miss,
    },
  };
}

/** How the one job of the run is paced. */
export function paceOfDecision(
  { baseline, options }: DecisionAsked,
  jobs: readonly JobRequest[],
): (job: JobRequest) => JobPace {
  if (jobs.length !== 1)
    throw new InputError(
      `one baseline decides one job, and this run has ${jobs.length}: ${jobs.map(({ name }) => name).join(', ')}`,
      { hint: 'Name one --dataset and one model.' },
    );
  return (job) => untilDecided(job, baseline, options);
}

/** Prints what the job decided; returns the exit code, which is the gate's. */
export function printDecision(
  jobs: readonly JobSummary[],
  { baseline, options }: DecisionAsked,
  asJson: boolean,
): number {
  const [job] = jobs;
  if (job === undefined || jobs.length > 1) throw new InputError('the job cannot be read as one job');
  const result = runSequentialGate(baseline, job, options);
  print(
    asJson ? `${safeJson(sequentialToJson(result))}\n` : `\n${renderSequentialGate(result, terminalWidth())}`,
  );
  return decisionCodes[result.decision];
}
