import { shareKeptByServer } from '../agent/kept-by-server.js';
import { randomUUID } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { recordVersion } from '../record/record-version.js';
import { storedRewards } from '../record/reward.js';
import type { TrialPhase } from '../record/trial-phase.js';
import type { TrialResult } from '../record/trial-result.js';
import type { Verification } from '../verifier/verifier.js';
import type { Failure } from './failure.js';
import { verifierMode } from './trial-config.js';
import type { Trial } from './trial.js';
import type { StepTime } from './step-time.js';
import type { Act, TrialState } from './trial-state.js';

/** `result.json` of a trial that ended in this state. */
export function trialResult(
  state: TrialState,
  failure: Failure | null,
  config: TrialResult['config'],
): TrialResult {
  const { trial, times } = state;
  const { spec, settings, store } = trial;
  return {
    id: randomUUID(),
    task_name: spec.task.identity.name ?? spec.task.name,
    trial_name: spec.name,
    trial_uri: pathToFileURL(store.paths.dir).href,
    task_id: taskId(trial),
    source: spec.source.dataset,
    task_checksum: spec.source.checksum,
    config,
    agent_info: {
      name: trial.agent.name,
      version: trial.agent.version,
      model_info:
        settings.model === null ? null : { name: settings.model.name, provider: settings.model.kind },
    },
    agent_result: agentResult(state.act),
    ...verifiedPart(state),
    verifier_environment_mode: verifierMode(spec.task),
    exception_info: failure === null ? null : { ...failure.exception },
    started_at: state.startedAt,
    finished_at: new Date().toISOString(),
    environment_setup: span(times, 'image', 'health'),
    agent_setup: span(times, 'scene', 'scene'),
    agent_execution: span(times, 'agent', 'agent'),
    step_results: null,
    tbench: own(state, failure),
  };
}

/** What the tests add to a result. */
export function verifiedPart(
  state: Pick<TrialState, 'times' | 'verification'>,
): Pick<TrialResult, 'verifier_result' | 'verifier' | 'integrity'> {
  const { times } = state;
  const verification = state.verification ?? null;
  return {
    verifier_result: rewardsOf(verification),
    verifier: span(times, 'verifier', 'verifier'),
    integrity: integrityOf(verification),
  };
}

/** What Harbor's format has no place for. */
function own(state: TrialState, failure: Failure | null): TrialResult['tbench'] {
  const { spec, settings, store } = state.trial;
  const { act, image = null, vitals = null } = state;
  const limits = state.environment?.main.limits ?? null;
  return {
    record_version: recordVersion,
    version: settings.version,
    task: spec.task.name,
    attempt: spec.attempt,
    ending: act?.outcome.ending ?? null,
    ending_detail: act?.outcome.detail ?? null,
    blame: failure?.blame ?? null,
    model_kind: settings.model?.kind ?? 'none',
    tries: store.tries,
    task_digest: spec.source.digest,
    difficulty: spec.task.difficulty,
    category: spec.task.category,
    totals: { ...act?.outcome.totals },
    ...(act === undefined || act.resumed.length === 0 ? {} : { resumed: [...act.resumed] }),
    clock: act === undefined ? null : clockRecord(state.trial, act),
    phases_ms: totalMs(state.times),
    image: image === null ? null : { ...image },
    limits: limits === null ? null : { ...limits },
    vitals: vitals === null ? null : { ...vitals },
    reward_text: state.verification?.rewardText ?? null,
    warnings: [
      ...spec.task.warnings,
      ...(limits?.warnings ?? []),
      ...(state.environment?.warnings ?? []),
      ...state.warnings,
    ],
  };
}

function taskId({ spec: { task, source } }: Trial): Record<string, unknown> {
  if (source.origin === null) return { path: task.dir };
  return { git_url: source.origin.url, git_commit_id: source.origin.commit, path: task.name };
}

function agentResult(act: Act | undefined): TrialResult['agent_result'] {
  if (act === undefined) return null;
  const { inputTokens, cachedTokens, outputTokens } = act.outcome.totals;
  return {
    n_input_tokens: inputTokens,
    n_cache_tokens: cachedTokens,
    n_output_tokens: outputTokens,
    cost_usd: null,
    rollout_details: null,
    metadata: null,
  };
}

function clockRecord({ settings }: Trial, { clock, timeoutMs }: Act): TrialResult['tbench']['clock'] {
  return {
    mode: settings.clock,
    limit_ms: timeoutMs,
    elapsed_ms: Math.round(clock.elapsedMs),
    wall_ms: Math.round(clock.wallMs),
    working_ms: Math.round(clock.workingMs),
    slot_ms: Math.round(clock.slotMs),
    retry_ms: Math.round(clock.retryMs),
    outage_ms: Math.round(clock.outageMs),
    ...(clock.pauseMs > 0 ? { pause_ms: Math.round(clock.pauseMs) } : {}),
    silence_ms: Math.round(clock.silenceMs),
    server_share: Math.round(shareKeptByServer(clock, settings.clock) * 1000) / 1000,
  };
}

/** By step; a step that was taken several times counts with all of them. */
export function totalMs(times: readonly StepTime[]): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const { name, ms } of times) totals[name] = (totals[name] ?? 0) + ms;
  return totals;
}

/** From the start of one step to the end of another, or to its own end when the other was never taken. */
function span(times: readonly StepTime[], from: TrialPhase, to: TrialPhase): TrialResult['verifier'] {
  const first = times.find(({ name }) => name === from);
  if (first === undefined) return null;
  const last = times.findLast(({ name }) => name === to) ?? first;
  return { started_at: first.startedAt, finished_at: last.finishedAt };
}

function rewardsOf(verification: Verification | null): TrialResult['verifier_result'] {
  if (verification?.rewards === undefined || verification.rewards === null) return null;
  return { rewards: storedRewards(verification.rewards, verification.effectiveReward) };
}

function integrityOf(verification: Verification | null): TrialResult['integrity'] {
  if (verification === null) return null;
  return {
    status: verification.status,
    verdict: verification.verdict,
    raw_reward: verification.rawReward,
    effective_reward: verification.effectiveReward,
    evidence: { ...verification.evidence },
    findings: verification.findings.map((finding) => ({ ...finding })),
  };
}
