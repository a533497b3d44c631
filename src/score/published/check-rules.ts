import type { JobSummary } from '../../record/job-summary.js';
import type { TrialSummary } from '../../record/trial-summary.js';

/** One static rule of the public leaderboard, applied. */
export interface RuleResult {
  readonly rule: string;
  readonly outcome: 'ok' | 'fail' | 'unknown';
  readonly detail: string;
  /** What mends it, where a command does. */
  readonly mend?: string;
}

/** What the rules need beside the job itself. */
export interface CheckFacts {
  /** Digests of the pinned dataset by task name, in both formulas; null when the dataset is not known. */
  readonly pinned: ReadonlyMap<string, readonly string[]> | null;
  /** Names of the rewarded trials that have an ATIF trajectory. */
  readonly withTrajectory: ReadonlySet<string>;
  readonly attempts: number;
}

/**
 * The public leaderboard's static rules for one local job: default timeouts and resources, enough attempts at every
 * task, pinned task content, trajectories of what earned a reward, and no trial that differs from its job. Rules
 * about submission metadata do not apply to a local job.
 */
export function checkRules(job: JobSummary, facts: CheckFacts): RuleResult[] {
  const limits = (prefix: string): string[] => job.overrides.filter((entry) => entry.startsWith(prefix));
  const multipliers = [
    ...(job.timeoutMultiplier === 1 ? [] : [`timeout_multiplier = ${job.timeoutMultiplier}`]),
    ...job.overrides.filter((entry) => entry.includes('_multiplier')),
  ];
  return [
    list(
      'every result.json is valid',
      job.problems.map(({ path, message }) => `${path} ${message}`),
    ),
    list('timeout multipliers are 1', multipliers),
    list('no agent timeout override', limits('agent.')),
    list('no verifier override', limits('verifier.')),
    list('no resource override', limits('environment.')),
    attemptsRule(job, facts.attempts),
    list('trials have the limits of their job', tamperedTrials(job)),
    digestRule(job, facts.pinned),
    trajectoryRule(job, facts.withTrajectory),
    list('no trial is unfinished', [...job.incomplete]),
    list(
      'the model is live',
      job.modelKind === 'live' || job.modelKind === null ? [] : [`model kind ${job.modelKind}`],
    ),
  ];
}

function list(rule: string, found: readonly string[]): RuleResult {
  if (found.length === 0) return { rule, outcome: 'ok', detail: '' };
  const rest = found.length > 3 ? ` and ${found.length - 3} more` : '';
  return { rule, outcome: 'fail', detail: `${found.slice(0, 3).join('; ')}${rest}` };
}

function attemptsRule(job: JobSummary, needed: number): RuleResult {
  const counts = new Map<string, number>();
  for (const trial of job.trials) counts.set(trial.task, (counts.get(trial.task) ?? 0) + 1);
  const short = [...counts]
    .filter(([, count]) => count < needed)
    .map(([task, count]) => `${task} has ${count}`);
  return list(`at least ${needed} attempts at every task`, short);
}

function tamperedTrials(job: JobSummary): string[] {
  return job.trials
    .filter((trial) => trial.timeoutMultiplier !== job.timeoutMultiplier || trial.overrides.length > 0)
    .map(
      (trial) =>
        `${trial.name}: ${[`timeout_multiplier = ${trial.timeoutMultiplier}`, ...trial.overrides].join(', ')}`,
    );
}

function digestRule(job: JobSummary, pinned: CheckFacts['pinned']): RuleResult {
  const rule = 'tasks are those of the pinned dataset';
  if (pinned === null)
    return { rule, outcome: 'unknown', detail: `no manifest of ${job.dataset.name} to compare with` };
  const wrong = new Set<string>();
  const unsure = new Set<string>();
  const seen = new Set<string>();
  for (const trial of job.trials) {
    const task = shortName(trial.task);
    seen.add(task);
    const digests = pinned.get(task);
    const fits = digestOutcome(trial, digests);
    if (fits === 'fail')
      wrong.add(`${task} ${digests === undefined ? 'is no task of it' : 'has other content'}`);
    if (fits === 'unknown') unsure.add(task);
  }
  for (const task of pinned.keys()) if (!seen.has(task)) wrong.add(`${task} is missing`);
  if (wrong.size > 0) return list(rule, [...wrong]);
  return unsure.size === 0
    ? { rule, outcome: 'ok', detail: '' }
    : { rule, outcome: 'unknown', detail: `${unsure.size} tasks have no digest of a known formula` };
}

function digestOutcome(trial: TrialSummary, digests: readonly string[] | undefined): RuleResult['outcome'] {
  if (digests === undefined) return 'fail';
  const known = trial.taskDigests.filter((mine) =>
    digests.some((theirs) => mine.includes(':') === theirs.includes(':')),
  );
  if (known.length === 0) return 'unknown';
  return known.some((mine) => digests.includes(mine)) ? 'ok' : 'fail';
}

function trajectoryRule(job: JobSummary, withTrajectory: ReadonlySet<string>): RuleResult {
  const without = job.trials
    .filter((trial) => trial.effectiveReward > 0 && !withTrajectory.has(trial.name))
    .map((trial) => trial.name);
  const result = list('every rewarded trial has an ATIF trajectory', without);
  return without.length === 0
    ? result
    : { ...result, mend: `tbench export ${job.name} --format atif --out DIR` };
}

export function shortName(task: string): string {
  return task.split('/').at(-1) ?? task;
}
