import type { JobSummary } from '../../record/job-summary.js';
import type { TrialSummary } from '../../record/trial-summary.js';

/** One line of a flat export. */
export type FlatTrial = Readonly<Record<string, string | number | null>>;

/** A trial as one flat record, for CSV and JSON Lines. Times milliseconds. */
export function flatTrial(job: JobSummary, trial: TrialSummary): FlatTrial {
  return {
    job: job.name,
    model: job.model,
    dataset: job.dataset.name,
    dataset_version: job.dataset.version,
    harness: job.harness?.name ?? null,
    task: trial.task,
    trial: trial.name,
    attempt: trial.attempt,
    reward: trial.reward,
    effective_reward: trial.effectiveReward,
    measured: trial.measured ? 1 : 0,
    ending: trial.ending,
    ending_inferred: trial.endingInferred ? 1 : 0,
    error: trial.errorType,
    blame: trial.blame,
    verifier_status: trial.status,
    verdict: trial.verdict,
    turns: trial.turns,
    input_tokens: trial.tokens.input,
    output_tokens: trial.tokens.output,
    cached_tokens: trial.tokens.cached,
    started_at: trial.startedAt,
    finished_at: trial.finishedAt,
    total_ms: trial.phasesMs.total,
    agent_ms: trial.phasesMs.agent,
    model_ms: trial.phasesMs.model,
    commands_ms: trial.phasesMs.commands,
    verifier_ms: trial.phasesMs.verifier,
    difficulty: trial.difficulty,
    category: trial.category,
    task_digest: trial.taskDigest,
  };
}
