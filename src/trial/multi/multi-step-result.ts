import type { Task, TaskStep } from '../../dataset/task.js';
import type { Finding } from '../../record/finding.js';
import { effectiveReward, overallReward, storedRewards } from '../../record/reward.js';
import type { StepResult, TrialResult } from '../../record/trial-result.js';
import type { Verdict } from '../../record/verdict.js';
import type { Verification } from '../../verifier/verifier.js';
import type { Failure } from '../failure.js';
import { verifierMode } from '../trial-config.js';
import { trialResult } from '../trial-result.js';
import type { TrialState } from '../trial-state.js';
import { aggregateRewards, type StepOutcome } from './step-outcome.js';

/** What is recorded of one step. */
export function stepResult(step: TaskStep, state: TrialState, failure: Failure | null): StepResult {
  const whole = trialResult(state, failure, {});
  const { ending, ending_detail, blame, totals, clock, phases_ms, reward_text, warnings } = whole.tbench;
  const rewards = countedRewards(state.verification);
  return {
    step_name: step.name,
    agent_result: whole.agent_result,
    verifier_result: rewards === null ? null : { rewards },
    exception_info: whole.exception_info,
    agent_execution: whole.agent_execution,
    verifier: whole.verifier,
    tbench: {
      verifier_environment_mode: verifierMode(state.trial.spec.task) ?? 'shared',
      ...{ ending, ending_detail, blame, totals, clock, phases_ms, reward_text, warnings },
    },
    integrity: whole.integrity,
  };
}

/**
 * `result.json` of a trial of several steps: Harbor's aggregate of their rewards, what failed stays with the step that failed. When
 * infrastructure broke a step nothing was measured.
 */
export function multiStepResult(
  base: TrialResult,
  steps: readonly StepOutcome[],
  { task, failure }: { readonly task: Task; readonly failure: Failure | null },
): TrialResult {
  const last = steps.at(-1)?.result.tbench;
  const rewards = failure === null ? aggregateOf(steps, task, 'counted') : null;
  const integrity = failure === null ? integrityOf(steps, task) : null;
  const effective = integrity?.effective_reward ?? 0;
  return {
    ...base,
    agent_result: null,
    agent_execution: null,
    verifier: null,
    verifier_result: rewards === null ? null : { rewards: storedRewards(rewards, effective) },
    exception_info: failure === null ? null : { ...failure.exception },
    step_results: steps.map(({ result }) => result),
    tbench: {
      ...base.tbench,
      ending: last?.ending ?? null,
      ending_detail: last?.ending_detail ?? null,
      blame: failure?.blame ?? steps.find((one) => one.failure !== null)?.failure?.blame ?? null,
      totals: sumOf(steps.map(({ result }) => result.tbench.totals)),
      clock: null,
      phases_ms: sumOf([
        base.tbench.phases_ms,
        ...steps.map(({ result }) => result.tbench.phases_ms),
      ]) as Record<string, number>,
      vitals: base.tbench.vitals ?? lastVitals(steps),
      warnings: [
        ...base.tbench.warnings,
        ...steps.flatMap(({ step, state }) => state.warnings.map((line) => `step ${step.name}: ${line}`)),
        ...gaps(steps, task),
      ],
    },
    integrity,
  };
}

/** As the tests gave them; all 0 where the verdict takes the reward away. */
function countedRewards(verification: Verification | undefined): Record<string, number> | null {
  const rewards = verification?.rewards ?? null;
  if (rewards === null || verification === undefined) return null;
  const isTaken = effectiveReward(1, verification.verdict) === 0;
  return Object.fromEntries(Object.entries(rewards).map(([key, value]) => [key, isTaken ? 0 : value]));
}

function aggregateOf(
  steps: readonly StepOutcome[],
  { rewardStrategy }: Task,
  kind: 'counted' | 'raw',
): Readonly<Record<string, number>> | null {
  const rewards = steps.map(({ state, result }) =>
    kind === 'raw' ? (state.verification?.rewards ?? null) : (result.verifier_result?.rewards ?? null),
  );
  return aggregateRewards(rewards, rewardStrategy);
}

function integrityOf(steps: readonly StepOutcome[], task: Task): TrialResult['integrity'] {
  const judged = steps.flatMap(({ step, state }) =>
    state.verification === undefined ? [] : [{ step, verification: state.verification }],
  );
  const raw = aggregateOf(steps, task, 'raw');
  if (judged.length === 0) return null;
  const scored = judged.filter(({ verification }) => verification.rewards !== null);
  const counted = scored.length === 0 ? judged : scored;
  const statuses = counted.map(({ verification }) => verification.status);
  const verdict = worst(counted.map(({ verification }) => verification.verdict));
  const aggregate = aggregateOf(steps, task, 'counted');
  const reward = aggregate === null ? null : overallReward(aggregate);
  return {
    status: statuses.find((status) => status !== 'completed') ?? 'completed',
    verdict,
    raw_reward: raw === null ? null : overallReward(raw),
    effective_reward: effectiveReward(reward, verdict),
    evidence: null,
    findings: judged.flatMap(({ step, verification }) =>
      verification.findings.map((finding): Finding => ({
        ...finding,
        detail: `step ${step.name}: ${finding.detail}`,
      })),
    ),
  };
}

function worst(found: readonly Verdict[]): Verdict {
  const order: readonly Verdict[] = ['tampered', 'unverifiable', 'suspicious', 'noted', 'clean'];
  return order.find((verdict) => found.includes(verdict)) ?? 'clean';
}

/** What Harbor's aggregate does not show. */
function gaps(steps: readonly StepOutcome[], { steps: all, rewardStrategy }: Task): string[] {
  const missing = steps.filter(({ result }) => result.verifier_result === null).map(({ step }) => step.name);
  const left = all.slice(steps.length).map(({ name }) => name);
  const rule =
    rewardStrategy === 'mean' ? 'the mean is over the others' : 'the last step that was begun counts';
  return [
    ...(missing.length === 0 ? [] : [`step ${missing.join(', ')} has no reward: ${rule}, as in Harbor`]),
    ...(left.length === 0 ? [] : [`not begun: step ${left.join(', ')}; ${rule}, as in Harbor`]),
  ];
}

/** Sums by key; a key that one of them does not know is not known. */
function sumOf(tables: readonly Readonly<Record<string, number | null>>[]): Record<string, number | null> {
  const sums = new Map<string, number | null>();
  for (const table of tables)
    for (const [key, value] of Object.entries(table)) {
      const sum = sums.get(key) ?? (sums.has(key) ? null : 0);
      sums.set(key, sum === null || value === null ? null : sum + value);
    }
  return Object.fromEntries(sums);
}

function lastVitals(steps: readonly StepOutcome[]): TrialResult['tbench']['vitals'] {
  const vitals = steps.at(-1)?.state.vitals ?? null;
  return vitals === null ? null : { ...vitals };
}
