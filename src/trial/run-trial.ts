import { AgentClock } from '../base/agent-clock.js';
import type { AgentOutcome } from '../agent/agent.js';
import { agentWarnings } from '../agent/agent-warnings.js';
import { CancelledError } from '../base/errors.js';
import { writeAgentFiles } from '../results/formats/atif/agent-files.js';
import { openJournal } from '../results/journal.js';
import type { TrialResult } from '../record/trial-result.js';
import type { Sandbox } from '../sandbox/sandbox.js';
import { collectArtifacts } from './artifacts.js';
import { failureOfEnding, failureOfVerifier, type Failure } from './failure.js';
import { waitUntilHealthy } from './healthcheck.js';
import { makeLogFolders } from './log-folders.js';
import { imageSource, sandboxSpec } from './sandbox-spec.js';
import { trialConfig } from './trial-config.js';
import { TrialRecord } from './trial-record.js';
import { isVerified, type Trial } from './trial.js';
import { watchCommands } from './watch-commands.js';
import { StorageLimitReached, watchStorage } from './watch-storage.js';

/** What came of one try of a trial. */
export interface TrialOutcome {
  readonly result: TrialResult;
  readonly failure: Failure | null;
}

/**
 * Makes one attempt at one task: sandbox, agent, verifier, record. Whatever fails on the way is recorded with
 * its blame; the record is written last, so a trial either has a complete result.json or is not done.
 * Throws only when the trial is cancelled (nothing is recorded then) or its folder cannot be written.
 */
export async function runTrial(trial: Trial, signal: AbortSignal): Promise<TrialOutcome> {
  const record = new TrialRecord(trial);
  const config = trialConfig(trial);
  await trial.store.writeConfig(config);
  try {
    await attempt(trial, record, signal);
  } catch (error) {
    if (signal.aborted) throw cancelled(trial, signal);
    record.fail(error);
  }
  if (record.failure !== null) await trial.store.writeException(exceptionText(record.failure));
  const result = record.toResult(config);
  return { result, failure: record.failure };
}

async function attempt(trial: Trial, record: TrialRecord, signal: AbortSignal): Promise<void> {
  const { spec, engine, verifier, settings } = trial;
  const image = await record.phase('image', () =>
    engine.ensureImage(imageSource(spec.task, settings.timeoutMultiplier), {
      pull: settings.pull,
      forceBuild: settings.forceBuild,
      signal,
      onProgress: (text) => trial.emit({ kind: 'trial-detail', trial: spec.name, text }),
    }),
  );
  record.image = image;
  const sandbox = await record.phase('sandbox', () =>
    engine.createSandbox(sandboxSpec(trial, image), signal),
  );
  await using _release = releaseOf(trial, sandbox);
  record.sandbox = sandbox;
  await record.phase('health', async () => {
    await makeLogFolders(sandbox, { user: spec.task.agent.user, signal });
    await waitUntilHealthy(sandbox, spec.task.environment.healthcheck, signal);
  });
  const baseline = await record.phase('baseline', () => verifier.before(sandbox, spec.task, signal));
  const outcome = await record.phase('agent', () => act(trial, record, { sandbox, signal }));
  signal.throwIfAborted();
  record.failure = failureOfEnding(outcome.ending, outcome.detail);
  if (outcome.error !== null) throw outcome.error;
  const { killed } = await record.phase('settle', () => sandbox.endShell(signal));
  if (!isVerified(outcome.ending)) return;
  await record.phase('artifacts', () =>
    collectArtifacts(sandbox, spec.task, { dir: trial.store.paths.artifactsDir, signal }),
  );
  const verification = await record.phase('verifier', () =>
    verifier.verify({
      sandbox,
      engine,
      task: spec.task,
      baseline,
      ending: outcome.ending,
      killed,
      commands: record.commands,
      redact: trial.store.redact,
      outDir: trial.store.paths.verifierDir,
      options: {
        ...settings.verifier,
        timeoutMs: scaled(spec.task.verifier.timeoutMs, settings.timeoutMultiplier),
      },
      signal,
    }),
  );
  record.verification = verification;
  record.failure ??= failureOfVerifier(verification.failure);
  record.vitals = await sandbox.vitals(signal);
}

/** Lets the agent act under the task's timeout and its storage limit, and turns the journal into files. */
async function act(
  trial: Trial,
  record: TrialRecord,
  { sandbox, signal }: { readonly sandbox: Sandbox; readonly signal: AbortSignal },
): Promise<AgentOutcome> {
  const { spec, settings, store, agent } = trial;
  const timeoutMs = scaled(spec.task.agent.timeoutMs, settings.timeoutMultiplier);
  using storage = watchStorage(sandbox, spec.task.environment.storageBytes, signal);
  using clock = new AgentClock(timeoutMs, settings.clock, storage.signal);
  await using journal = await openJournal(store.paths.journal, store.redact);
  const outcome = await agent.run({
    sandbox: watchCommands(sandbox, (command) => record.commands.push(command)),
    task: spec.task,
    attempt: spec.attempt,
    trialName: spec.name,
    agentDir: store.paths.agentDir,
    clock,
    journal,
    onProgress: (progress) => trial.emit({ kind: 'trial-turn', trial: spec.name, progress }),
  });
  record.clock = clock.read();
  const unread = await writeAgentFiles(store);
  record.warnings.push(...unread.map((line) => `agent/journal.jsonl: ${line}`));
  record.warnings.push(...agentWarnings(outcome.totals));
  const reason: unknown = storage.signal.reason;
  record.outcome =
    outcome.ending === 'cancelled' && reason instanceof StorageLimitReached
      ? { ...outcome, ending: 'storage-limit', detail: reason.message, error: null }
      : outcome;
  record.agentTimeoutMs = timeoutMs;
  return record.outcome;
}

function releaseOf({ settings, emit, spec }: Trial, sandbox: Sandbox): AsyncDisposable {
  return {
    [Symbol.asyncDispose]: async () => {
      if (!settings.keepSandboxes) return sandbox[Symbol.asyncDispose]();
      emit({ kind: 'trial-note', trial: spec.name, text: `sandbox kept: ${sandbox.id}` });
    },
  };
}

function scaled(timeoutMs: number | null, multiplier: number): number | null {
  return timeoutMs === null ? null : timeoutMs * multiplier;
}

function cancelled({ spec }: Trial, signal: AbortSignal): CancelledError {
  return new CancelledError(`trial ${spec.name} was cancelled`, { cause: signal.reason });
}

function exceptionText({ exception }: Failure): string {
  return `${exception.exception_type}: ${exception.exception_message}\n\n${exception.exception_traceback}\n`;
}
