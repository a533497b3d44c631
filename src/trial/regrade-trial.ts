import { randomUUID } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { CancelledError, ResultsError } from '../base/errors.js';
import type { TrialConfig } from '../record/trial-config.js';
import type { TrialResult } from '../record/trial-result.js';
import { copyRecord } from './copy-record.js';
import type { TrialPaths } from '../results/layout.js';
import { planArtifacts } from './artifacts/artifact-plan.js';
import type { FinalState } from './final/final-state.js';
import { openTestbed } from './steps/hand-over.js';
import { openFinal } from './final/open-final.js';
import { keepOrRemove } from './steps/start-environment.js';
import { runVerifier, separateNetworkFile } from './steps/verify.js';
import { stepTaker } from './take-steps.js';
import { lockOfTrial, trialConfig } from './trial-config.js';
import { exceptionText, failureOf, type TrialOutcome } from './trial-outcome.js';
import { totalMs, verifiedPart } from './trial-result.js';
import { begin, type Begun, type Placed, type TrialState } from './trial-state.js';
import type { Trial } from './trial.js';
import { fetchVerifierImages } from './verifier-images.js';

/** A trial on record, of a task whose tests run in a container of their own, or whose sandbox was kept. */
export interface GradableTrial {
  readonly paths: TrialPaths;
  readonly job: string;
  readonly result: TrialResult;
  /** What the agent ran, in order. */
  readonly commands: readonly string[];
  /** Its sandbox at the end; null where the verifier is separate. */
  readonly final: FinalState | null;
}

/**
 * Verifies a recorded trial again, without its agent: what it kept is copied, put into a fresh verifier's environment (or the sandbox
 * that it kept is started), and the tests of the task as it is now are run on it. What the agent did and how it ended stays as it was
 * recorded. Throws as `runTrial` does.
 */
export async function regradeTrial(
  trial: Trial,
  recorded: GradableTrial,
  signal: AbortSignal,
): Promise<TrialOutcome> {
  const config = { ...trialConfig(trial), source_trial: sourceOf(recorded) };
  await trial.store.writeConfig(config);
  await trial.store.writeLock(lockOfTrial(trial));
  const taker = stepTaker(trial, signal);
  const broken = await verifyAgain(recorded, taker).then(
    () => null,
    (error: unknown) => ({ error }),
  );
  if (broken !== null && signal.aborted)
    throw new CancelledError(`trial ${trial.spec.name} was cancelled`, { cause: signal.reason });
  const outcome = outcomeOf(taker.state, recorded, config, broken);
  if (outcome.failure !== null) await trial.store.writeException(exceptionText(outcome.failure));
  return outcome;
}

async function verifyAgain(
  recorded: GradableTrial,
  { state: { trial }, take }: ReturnType<typeof stepTaker>,
): Promise<void> {
  const { final, commands } = recorded;
  const file = final === null ? separateNetworkFile(trial) : trial.store.paths.network;
  const left = { commands, killed: final?.killed ?? [], file, step: null };
  await copyParts(recorded.paths, trial.store.paths);
  const placed = await take(
    'handover',
    async (state: Begun, signal): Promise<Begun & Testbed> => ({
      ...state,
      ...(final === null ? await openSeparate(trial, signal) : await openFinal(trial, final, signal)),
    }),
    begin(trial),
  );
  await using _testbed = keepOrRemove({ trial, environment: placed.testbed });
  await take(
    'verifier',
    async (state: typeof placed, signal): Promise<typeof placed & Pick<TrialState, 'verification'>> => ({
      ...state,
      verification: await runVerifier(trial, { ...placed, ...left }, signal),
    }),
    placed,
  );
}

type Testbed = Pick<Placed, 'testbed' | 'testbedBefore'>;

async function openSeparate(trial: Trial, signal: AbortSignal): Promise<Testbed> {
  const { artifacts: wanted, verifier } = trial.spec.task;
  const { separate } = verifier;
  if (separate === null) throw new Error(`the tests of ${trial.spec.name} need its sandbox, which is gone`);
  using fetched = fetchVerifierImages(trial, signal);
  const images = await fetched.get(separate.environment);
  return await openTestbed(trial, { separate, images, artifacts: planArtifacts(wanted) }, signal);
}

function outcomeOf(
  state: TrialState,
  { result, job }: GradableTrial,
  config: TrialConfig,
  broken: { readonly error: unknown } | null,
): TrialOutcome {
  const { ending, ending_detail: detail } = result.tbench;
  const ended = ending === null ? {} : { act: { outcome: { ending, detail } } };
  const { verification } = state;
  const failure = failureOf({ ...ended, ...(verification === undefined ? {} : { verification }) }, broken);
  const { spec, settings, store } = state.trial;
  return {
    failure,
    result: {
      ...result,
      ...verifiedPart(state),
      id: randomUUID(),
      // Where it is written goes by these: the record may be anybody's.
      trial_name: spec.name,
      task_name: spec.task.identity.name ?? spec.task.name,
      trial_uri: pathToFileURL(store.paths.dir).href,
      task_checksum: spec.source.checksum,
      config,
      exception_info: failure === null ? null : { ...failure.exception },
      tbench: {
        ...result.tbench,
        version: settings.version,
        task: spec.task.name,
        attempt: spec.attempt,
        blame: failure?.blame ?? null,
        tries: store.tries,
        task_digest: spec.source.digest,
        phases_ms: { ...result.tbench.phases_ms, ...totalMs(state.times) },
        reward_text: verification?.rewardText ?? null,
        warnings: [...result.tbench.warnings, `regraded from ${job}: only the tests were run again`],
      },
    },
  };
}

/** Harbor's note of where a regraded trial comes from. */
function sourceOf({ result, paths, job }: GradableTrial): Record<string, unknown> {
  return {
    action: 'regrade',
    type: 'local',
    trial_id: result.id,
    path: paths.dir,
    job,
    task: { name: result.task_name, checksum: result.task_checksum, digest: result.tbench.task_digest },
  };
}

async function copyParts(from: TrialPaths, to: TrialPaths): Promise<void> {
  for (const [source, target] of [
    [from.agentDir, to.agentDir],
    [from.artifactsDir, to.artifactsDir],
  ] as const) {
    const found = await lstat(source).catch(() => null);
    if (found === null) continue;
    if (!found.isDirectory()) throw new ResultsError(`${source} is no folder`);
    await copyRecord(source, target);
  }
}
