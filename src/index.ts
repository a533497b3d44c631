/**
 * The library's front door, described in docs/api.md: run jobs, read recorded ones, score, compare and gate them.
 * Everything else is internal.
 */
export { openRun, type Run } from './run/open-run.js';
export type { Surroundings } from './run/surroundings.js';
export { runSpecSchema, type RunSpec, type RunSpecInput } from './record/run-spec.js';
export type { JobReport } from './job/job.js';
export type { JobEvent } from './record/event.js';

export { readJob } from './review/read-job.js';
export type { JobSummary } from './record/job-summary.js';
export type { TrialSummary } from './record/trial-summary.js';

export { scoreJob, type ScoreOptions } from './score/job/score-job.js';
export type { JobScore } from './score/job/job-score.js';

export { baselineOfJob, sideOfBaseline, sideOfJob } from './score/comparison/comparison-side.js';
export type { ComparisonSide } from './score/comparison/comparison-side.js';
export { compareSides, type Comparison } from './score/comparison/compare.js';
export { gateDefaults, runGate, type GateOptions, type GateResult } from './score/comparison/gate.js';
export { readBaseline, writeBaseline } from './results/baseline-file.js';
export type { Baseline } from './record/baseline.js';

export { TbenchError } from './base/errors.js';
