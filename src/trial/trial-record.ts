import { randomUUID } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import type { AgentOutcome } from '../agent/agent.js';
import type { ClockReading } from '../base/agent-clock.js';
import type { Blame } from '../record/blame.js';
import { storedRewards } from '../record/reward.js';
import type { TrialPhase } from '../record/trial-phase.js';
import { recordVersion } from '../record/record-version.js';
import type { TrialResult } from '../record/trial-result.js';
import type { Image } from '../sandbox/container-engine.js';
import type { Sandbox, SandboxVitals } from '../sandbox/sandbox.js';
import type { Verification } from '../verifier/verifier.js';
import { describeFailure, type Failure } from './failure.js';
import type { Trial } from './trial.js';

interface PhaseTimes {
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly ms: number;
}

/** Gathers what a trial's steps bring to light; `toResult` turns it into the stored form. */
export class TrialRecord {
  image: Image | null = null;
  sandbox: Sandbox | null = null;
  outcome: AgentOutcome | null = null;
  clock: ClockReading | null = null;
  agentTimeoutMs: number | null = null;
  verification: Verification | null = null;
  vitals: SandboxVitals | null = null;
  failure: Failure | null = null;
  readonly warnings: string[] = [];
  /** What the agent ran, for the verifier. */
  readonly commands: string[] = [];
  private readonly startedAt = new Date().toISOString();
  private readonly phases = new Map<TrialPhase, PhaseTimes>();

  constructor(private readonly trial: Trial) {}

  /** Runs one step of the trial under its name: announced, logged and timed, whatever comes of it. */
  async phase<T>(phase: TrialPhase, step: () => Promise<T>): Promise<T> {
    const startedAt = new Date().toISOString();
    const started = performance.now();
    this.trial.emit({ kind: 'trial-phase', trial: this.trial.spec.name, phase });
    try {
      return await step();
    } finally {
      const ms = Math.round(performance.now() - started);
      this.phases.set(phase, { startedAt, finishedAt: new Date().toISOString(), ms });
      await this.trial.store.log(`${phase} ${ms} ms`);
    }
  }

  /** Records what went wrong; the first failure is the one that is told. */
  fail(error: unknown): void {
    this.failure ??= describeFailure(error);
  }

  toResult(config: Record<string, unknown>): TrialResult {
    const { spec, settings, store } = this.trial;
    return {
      id: randomUUID(),
      task_name: spec.task.name,
      trial_name: spec.name,
      trial_uri: pathToFileURL(store.paths.dir).href,
      task_id: this.taskId(),
      source: spec.source.dataset,
      task_checksum: spec.source.checksum,
      config,
      agent_info: {
        name: this.trial.agent.name,
        version: this.trial.agent.version,
        model_info:
          settings.model === null ? null : { name: settings.model.name, provider: settings.model.kind },
      },
      agent_result: this.agentResult(),
      verifier_result: rewardsOf(this.verification),
      exception_info: this.failure === null ? null : { ...this.failure.exception },
      started_at: this.startedAt,
      finished_at: new Date().toISOString(),
      environment_setup: this.span('image', 'health'),
      agent_setup: this.span('baseline', 'baseline'),
      agent_execution: this.span('agent', 'agent'),
      verifier: this.span('verifier', 'verifier'),
      step_results: null,
      tbench: this.own(),
      integrity: integrityOf(this.verification),
    };
  }

  private own(): TrialResult['tbench'] {
    const { spec, settings, store } = this.trial;
    return {
      record_version: recordVersion,
      version: settings.version,
      attempt: spec.attempt,
      ending: this.outcome?.ending ?? null,
      ending_detail: this.outcome?.detail ?? null,
      blame: this.blame(),
      model_kind: settings.model?.kind ?? 'none',
      tries: store.tries,
      task_digest: spec.source.digest,
      difficulty: spec.task.difficulty,
      category: spec.task.category,
      totals: this.outcome === null ? {} : { ...this.outcome.totals },
      clock: this.clockRecord(),
      phases_ms: Object.fromEntries([...this.phases].map(([phase, times]) => [phase, times.ms])),
      image: this.image === null ? null : { ...this.image },
      limits: this.sandbox === null ? null : { ...this.sandbox.limits },
      vitals: this.vitals === null ? null : { ...this.vitals },
      reward_text: this.verification?.rewardText ?? null,
      warnings: [...spec.task.warnings, ...(this.sandbox?.limits.warnings ?? []), ...this.warnings],
    };
  }

  private blame(): Blame | null {
    return this.failure?.blame ?? null;
  }

  private taskId(): Record<string, unknown> {
    const { task, source } = this.trial.spec;
    if (source.origin === null) return { path: task.dir };
    return { git_url: source.origin.url, git_commit_id: source.origin.commit, path: task.name };
  }

  private agentResult(): TrialResult['agent_result'] {
    if (this.outcome === null) return null;
    const { inputTokens, cachedTokens, outputTokens } = this.outcome.totals;
    return {
      n_input_tokens: inputTokens,
      n_cache_tokens: cachedTokens,
      n_output_tokens: outputTokens,
      cost_usd: null,
      rollout_details: null,
      metadata: null,
    };
  }

  private clockRecord(): TrialResult['tbench']['clock'] {
    if (this.clock === null) return null;
    const { elapsedMs, wallMs, workingMs, slotMs, retryMs, outageMs } = this.clock;
    return {
      mode: this.trial.settings.clock,
      limit_ms: this.agentTimeoutMs,
      elapsed_ms: Math.round(elapsedMs),
      wall_ms: Math.round(wallMs),
      working_ms: Math.round(workingMs),
      slot_ms: Math.round(slotMs),
      retry_ms: Math.round(retryMs),
      outage_ms: Math.round(outageMs),
    };
  }

  /** From the start of one phase to the end of the last that ran up to another; null when none ran. */
  private span(from: TrialPhase, to: TrialPhase): TrialResult['verifier'] {
    const first = this.phases.get(from);
    if (first === undefined) return null;
    const last = this.phases.get(to) ?? first;
    return { started_at: first.startedAt, finished_at: last.finishedAt };
  }
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
