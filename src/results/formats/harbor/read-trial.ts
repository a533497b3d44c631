import { basename, join } from 'node:path';
import type { z } from 'zod';
import {
  harborTrialSchema,
  timingSchema,
  usageSchema,
  type HarborTrial,
  type Timing,
} from './harbor-schema.js';
import { inferEnding } from './infer-ending.js';
import type { Problem } from '../../../record/job-summary.js';
import type { PhaseTimes, TrialSummary } from '../../../record/trial-summary.js';
import { judgeOutcome } from '../../../record/outcome.js';
import { effectiveReward } from '../../../record/reward.js';
import { listOverrides, timeoutMultiplier } from './overrides.js';
import { foreignMs } from '../foreign-number.js';
import { readRewards, type ReadRewards } from './read-rewards.js';
import { readSteps } from './read-steps.js';
import { readOwnRecord, type OwnRecord } from './own-record.js';
import { readJson, type FileRead } from '../../read-file.js';
import { appendAll } from '../../../base/append-all.js';

/** A trial folder read: the summary and what groups it, or why there is none. */
export interface TrialRead {
  readonly trial: TrialSummary | null;
  readonly stored: HarborTrial | null;
  readonly own: OwnRecord | null;
  readonly problems: readonly Problem[];
  /** True when the folder is a trial's but holds no result yet. */
  readonly incomplete: boolean;
}

/** Reads the small files of one trial folder (result.json, agent/timing.json); never a trajectory. */
export async function readTrial(dir: string): Promise<TrialRead> {
  const result = await readJson(dir, 'result.json', harborTrialSchema);
  if (result.kind !== 'value') {
    const problems = result.kind === 'problem' ? [result.problem] : [];
    return { trial: null, stored: null, own: null, problems, incomplete: result.kind === 'missing' };
  }
  const stored = result.value;
  const timing = await readJson(dir, 'agent/timing.json', timingSchema);
  const own = readOwnRecord(stored);
  // Only tbench counts turns one by one; elsewhere the file holds totals that result.json has too.
  const usage = own === null ? null : await readJson(dir, 'agent/usage.json', usageSchema);
  const problems = [timing, usage].flatMap((read) => (read?.kind === 'problem' ? [read.problem] : []));
  const steps = timing.kind === 'value' ? timing.value : null;
  const rewards = readRewards(stored.verifier_result);
  if (own === null)
    appendAll(
      problems,
      rewards.problems.map((message) => ({ path: join(dir, 'result.json'), message })),
    );
  const trial = summarise(stored, { dir, steps, own, rewards, contextTokens: lastContext(usage) });
  return { trial, stored, own, problems, incomplete: false };
}

interface TrialFiles {
  readonly dir: string;
  readonly steps: Timing | null;
  readonly own: OwnRecord | null;
  readonly rewards: ReadRewards;
  readonly contextTokens: number | null;
}

function lastContext(usage: FileRead<z.infer<typeof usageSchema>> | null): number | null {
  const last = usage?.kind === 'value' ? usage.value.turns?.at(-1) : undefined;
  return typeof last?.prompt_tokens === 'number' ? last.prompt_tokens + (last.completion_tokens ?? 0) : null;
}

function summarise(stored: HarborTrial, files: TrialFiles): TrialSummary {
  const { dir, steps, own, rewards, contextTokens } = files;
  const reward = own?.rawReward ?? rewards.reward;
  const status = own?.status ?? null;
  const inferred = own === null ? inferEnding(stored, steps) : null;
  const taskSteps = readSteps(stored.step_results);
  return {
    id: stored.id ?? null,
    task: own?.task ?? stored.task_name,
    name: stored.trial_name ?? basename(dir),
    dir,
    attempt: own?.attempt ?? null,
    startedAt: stored.started_at ?? null,
    finishedAt: stored.finished_at ?? null,
    reward,
    effectiveReward: own?.effectiveReward ?? effectiveReward(reward, own?.verdict ?? null),
    rewards: rewards.rewards,
    measured: judgeOutcome({ reward, status, verdict: null, blame: null }).kind === 'scored',
    ending: own === null ? (inferred?.ending ?? null) : own.ending,
    endingInferred: inferred?.inferred ?? false,
    blame: own?.blame ?? null,
    errorType: stored.exception_info?.exception_type ?? null,
    status,
    verdict: own?.verdict ?? null,
    ...(taskSteps.length === 0 ? {} : { steps: taskSteps }),
    tokens: {
      input: stored.agent_result?.n_input_tokens ?? null,
      output: stored.agent_result?.n_output_tokens ?? null,
      cached: stored.agent_result?.n_cache_tokens ?? null,
    },
    turns: own?.turns ?? steps?.length ?? null,
    oddTurns: own?.oddTurns ?? null,
    contextTokens,
    phasesMs: phaseTimes(stored, steps, own),
    clock: own?.clock ?? null,
    taskDigest: own?.taskDigest ?? stored.task_checksum ?? null,
    taskDigests: [own?.taskDigest, stored.task_checksum].filter((digest) => typeof digest === 'string'),
    difficulty: own?.difficulty ?? null,
    category: own?.category ?? null,
    metadata: {},
    overrides: listOverrides(stored.config),
    timeoutMultiplier: timeoutMultiplier(stored.config),
  };
}

function phaseTimes(stored: HarborTrial, steps: Timing | null, own: OwnRecord | null): PhaseTimes {
  const measured = own?.phasesMs ?? {};
  const pausedMs = own?.clock?.pausedMs ?? 0;
  const sum = (key: 'llm_s' | 'bash_s'): number | null =>
    steps === null ? null : steps.reduce((total, step) => total + (step[key] ?? 0) * 1000, 0);
  return {
    total: without(pausedMs, between(stored.started_at, stored.finished_at)),
    environmentSetup: span(stored.environment_setup),
    agentSetup: span(stored.agent_setup),
    agent: without(pausedMs, measured['agent'] ?? span(stored.agent_execution)),
    verifier: measured['verifier'] ?? span(stored.verifier),
    model: sum('llm_s'),
    commands: sum('bash_s'),
  };
}

/** A pause by hand is nobody's time. */
function without(pausedMs: number, ms: number | null): number | null {
  return ms === null ? null : Math.max(0, ms - pausedMs);
}

function span(phase: HarborTrial['verifier']): number | null {
  return between(phase?.started_at, phase?.finished_at);
}

/** Milliseconds between two stamps of the same trial; both carry a zone or neither does. */
export function between(start: string | null | undefined, end: string | null | undefined): number | null {
  if (typeof start !== 'string' || typeof end !== 'string') return null;
  const length = Date.parse(end) - Date.parse(start);
  return foreignMs(length);
}
