import { createHash } from 'node:crypto';
import type { Agent } from '../agent/agent.js';
import { CannotResumeError } from '../agent/resume/cannot-resume.js';
import { describeError, ResultsError } from '../base/errors.js';
import { ownerState } from '../base/process-identity.js';
import type { TrialSpec } from '../record/trial-spec.js';
import type { TryOutcome } from '../record/try-outcome.js';
import { trialName, trialPaths } from '../results/layout.js';
import type { Redact } from '../results/redact.js';
import { openTrialStore } from '../results/trial-store.js';
import type { ContainerEngine } from '../sandbox/container-engine.js';
import { dropClaim, readLeftTrial, type LeftTrial } from '../trial/resume/claim-file.js';
import { runTrial } from '../trial/run-trial.js';
import type { Trial, TrialSettings } from '../trial/trial.js';
import type { Verifier } from '../verifier/verifier.js';
import { anotherTry } from './another-try.js';
import type { DispatchedJob, DispatchedTask, Dispatcher, OpenDispatcher } from './dispatcher.js';

/** What this process makes trials with. */
export interface LocalTools {
  readonly engine: ContainerEngine;
  readonly agent: Agent;
  readonly verifier: Verifier;
  readonly redact: Redact;
  /** Whether a try that a process before this one left in the middle is gone on with. */
  readonly adopts: boolean;
  /** What the harness and this machine add to the settings of a spec. */
  readonly settings: Pick<TrialSettings, 'hostEnv' | 'shellEnv' | 'outputLimits' | 'version'>;
}

/** Makes the trials in this process, each as a whole unless `take` has another way. */
export function localDispatcher(tools: LocalTools, take = runTrial): OpenDispatcher {
  return (job) => openLocalDispatcher(tools, job, take);
}

function openLocalDispatcher(tools: LocalTools, job: DispatchedJob, take: typeof runTrial): Dispatcher {
  const tasks = new Map(job.tasks.map((one) => [taskKey(one.task.name, one.source.digest), one]));
  const make = async (spec: TrialSpec, from: LeftTrial | null, signal: AbortSignal): Promise<TryOutcome> => {
    const found = tasks.get(taskKey(spec.task.name, spec.task.digest));
    if (found === undefined)
      throw new ResultsError(
        `task ${spec.task.name} (${spec.task.digest}) is not in this copy of the dataset`,
      );
    const continuation = { fingerprint: fingerprintOf(spec, tools.settings.version), from };
    const trial = { ...(await openTrial(spec, found, tools, job)), continuation };
    const { result, failure } = await take(trial, signal);
    return { result, anotherTry: anotherTry(failure?.error ?? null, result) };
  };
  return { run: (spec, signal) => make(spec, null, signal), resume };

  async function resume(spec: TrialSpec, signal: AbortSignal): Promise<TryOutcome | null> {
    const name = trialName(spec.task.name, spec.attempt);
    const paths = trialPaths(job.dir, name);
    const left = await readLeftTrial(job.dir, paths);
    if (left === null) return null;
    const tell = (why: string): void =>
      job.emit({ kind: 'trial-note', trial: name, text: `made anew, not gone on with: ${why}` });
    if (ownerState(left.claim.owner) !== 'dead') {
      tell('another process may still work on it');
      return null;
    }
    try {
      if (!tools.adopts) throw new CannotResumeError('that is not wanted');
      if (left.claim.fingerprint !== fingerprintOf(spec, tools.settings.version))
        throw new CannotResumeError('its task, its settings or tbench itself are others now');
      return await make(spec, left, signal);
    } catch (error) {
      if (!(error instanceof CannotResumeError)) throw error;
      tell(error.message);
      await dropClaim(paths);
      // Nobody waits for its sandbox any more.
      await tools.engine.sweep().catch((failure: unknown) => {
        const why = describeError(failure).split('\n')[0] ?? '';
        const text = `its sandbox is left for the next start or tbench clean: ${why}`;
        job.emit({ kind: 'trial-note', trial: name, text });
      });
      return null;
    }
  }
}

/** Of what decides what a try measures: its spec, and which tbench makes it. */
function fingerprintOf(spec: TrialSpec, version: string): string {
  return createHash('sha256')
    .update(JSON.stringify([version, spec]))
    .digest('hex');
}

async function openTrial(
  spec: TrialSpec,
  { task, source }: DispatchedTask,
  tools: LocalTools,
  job: DispatchedJob,
): Promise<Trial> {
  const { engine, agent, verifier, redact } = tools;
  const name = trialName(spec.task.name, spec.attempt);
  const { passedVariables: _names, ...settings } = spec.settings;
  return {
    spec: { name, task, attempt: spec.attempt, job: spec.job, source },
    settings: { ...tools.settings, ...settings, model: spec.model },
    engine,
    agent,
    verifier,
    store: await openTrialStore(job.dir, name, { tries: spec.tries, redact }),
    emit: job.emit,
    hold: (signal) => job.hold(name, signal),
  };
}

function taskKey(name: string, digest: string): string {
  return `${name} ${digest}`;
}
