import type { JobScore, TaskScore } from '../../score/job/job-score.js';

/** Version of the JSON that `tbench score --json` prints; raised when a field changes meaning. */
const schemaVersion = 1;

/** The scores for machines. Means, rates, spreads and intervals are fractions of 1; `*_ms` milliseconds. */
export function scoresToJson(scores: readonly JobScore[]): Record<string, unknown> {
  return {
    schema_version: schemaVersion,
    units: {
      mean: 'fraction of 1',
      std: 'fraction of 1, population standard deviation over runs',
      '*_rate': 'fraction of 1',
      '*_ms': 'milliseconds',
      '*_tokens': 'tokens, summed over trials',
    },
    jobs: scores.map(jobToJson),
  };
}

function jobToJson(score: JobScore): Record<string, unknown> {
  const { job, counts, coverage } = score;
  // A mean of nothing is no number.
  const known = <T>(value: T): T | null => (coverage.measured === 0 ? null : value);
  return {
    name: score.name,
    model: score.model,
    dataset: score.dataset,
    harness: score.harness,
    n_tasks: score.nTasks,
    n_trials: score.nTrials,
    runs: score.runs.map((run) => known(run.mean)),
    mean: known(score.mean),
    std: known(score.std),
    errors: counts.errors,
    endings: counts.endings,
    tasks: Object.fromEntries(score.tasks.map((task) => [task.task, taskToJson(task)])),
    labels: score.labels,
    notes: score.notes,
    is_evaluation: job.modelKind === null || job.modelKind === 'live' || job.modelKind === 'none',
    agent: job.agent,
    model_kind: job.modelKind,
    format: job.format,
    harness_digest: job.harness?.digest ?? null,
    dataset_digest: job.dataset.digest,
    budget_mode: job.budgetMode,
    clock_mode: job.clockMode,
    timeout_multiplier: job.timeoutMultiplier,
    overrides: job.overrides,
    run_order: score.runOrder,
    run_details: score.runs.map((run) => ({
      run: run.run,
      mean: run.mean,
      total: run.total,
      passes: run.passes,
      n_trials: run.nTrials,
    })),
    statistics: known(statisticsToJson(score)),
    passes: score.passes,
    pass_rate: known(score.passRate),
    raw_mean: known(score.rawMean),
    pass_at_k: Object.fromEntries(score.passAtK.map(({ k, passAtK }) => [k, passAtK])),
    pass_hat_k: Object.fromEntries(score.passAtK.map(({ k, passHatK }) => [k, passHatK])),
    coverage: coverageToJson(score),
    endings_passed: counts.endingPasses,
    endings_inferred: counts.endingsInferred,
    blames: counts.blames,
    verifier_statuses: counts.statuses,
    verdicts: counts.verdicts,
    cost: costToJson(score),
    groups: groupsToJson(score),
    ...(score.steps.length === 0 ? {} : { steps: score.steps }),
    incomplete: job.incomplete,
    problems: job.problems,
  };
}

function coverageToJson({ coverage }: JobScore): Record<string, unknown> {
  return {
    planned: coverage.planned,
    measured: coverage.measured,
    not_measured: coverage.notMeasured,
    missing: coverage.missing,
    fraction: coverage.fraction,
    mean_of_measured: coverage.meanOfMeasured,
    mean_of_planned: coverage.meanOfPlanned,
    attempts_min: coverage.attemptsMin,
    attempts_max: coverage.attemptsMax,
  };
}

function groupsToJson(score: JobScore): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(score.groups).map(([key, groups]) => [
      key,
      groups.map((group) => ({
        value: group.value,
        n_tasks: group.nTasks,
        n_trials: group.nTrials,
        mean: group.measured === 0 ? null : group.mean,
        pass_rate: group.measured === 0 ? null : group.passRate,
        clustered_standard_error: group.clusteredStandardError,
      })),
    ]),
  );
}

function statisticsToJson({ uncertainty: u }: JobScore): Record<string, unknown> {
  return {
    level: u.level,
    sample_std: u.sampleStd,
    standard_error: u.standardError,
    expected_std: u.expectedStd,
    std_over_pairings_5_95: u.repairing === null ? null : [u.repairing.low, u.repairing.high],
    single_run_std: u.singleRunStd,
    fixed_task_standard_error: u.fixedTaskStandardError,
    clustered_standard_error: u.clusteredStandardError,
    bootstrap_interval: [u.bootstrap.low, u.bootstrap.high],
    wilson_interval_of_pass_rate: [u.wilson.low, u.wilson.high],
    exact_interval_of_pass_rate: [u.exact.low, u.exact.high],
  };
}

function costToJson({ cost }: JobScore): Record<string, unknown> {
  return {
    input_tokens: cost.inputTokens,
    output_tokens: cost.outputTokens,
    cached_tokens: cost.cachedTokens,
    turns: cost.turns,
    format_errors: cost.oddTurns?.formatErrors ?? null,
    truncated_turns: cost.oddTurns?.truncated ?? null,
    recovered_calls: cost.oddTurns?.recoveredCalls ?? null,
    dropped_thought_turns: cost.oddTurns?.droppedThoughts ?? null,
    request_retries: cost.oddTurns?.requestRetries ?? null,
    trial_ms: cost.trialMs,
    span_ms: cost.spanMs,
    environment_setup_ms: cost.phasesMs.environmentSetup,
    agent_setup_ms: cost.phasesMs.agentSetup,
    agent_ms: cost.phasesMs.agent,
    verifier_ms: cost.phasesMs.verifier,
    model_ms: cost.phasesMs.model,
    commands_ms: cost.phasesMs.commands,
  };
}

function taskToJson(task: TaskScore): Record<string, unknown> {
  return {
    rewards: task.rewards,
    runs: task.runs,
    mean: task.mean,
    passes: task.passes,
    pass_rate: task.passRate,
    measured: task.measured,
    endings: task.endings,
    difficulty: task.difficulty,
    category: task.category,
    task_digest: task.digest,
  };
}
