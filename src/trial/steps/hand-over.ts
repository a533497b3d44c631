import { freshVerifierLogs } from '../../verifier/log-folders.js';
import { restoreArtifacts } from '../artifacts/restore-artifacts.js';
import { separatePolicies } from '../../dataset/network/network-phases.js';
import type { SeparateVerifier } from '../../dataset/task.js';
import type { PlannedArtifact } from '../artifacts/artifact-plan.js';
import type { EnvironmentImages } from '../environment/environment-images.js';
import type { Trial } from '../trial.js';
import type { Collected, Placed } from '../trial-state.js';
import { environmentSpec } from '../environment/environment-spec.js';
import { fillMain } from '../environment/fill-main.js';
import { requireUser } from './require-user.js';
import { keepOrRemove } from './start-environment.js';
import { vitalsOf } from './vitals.js';

/** The tests run where the agent worked. */
export function staySo(state: Collected): Placed {
  return { ...state, testbed: state.environment, testbedBefore: state.initial, lastVitals: null };
}

/** Removes a testbed of its own in the end. */
export function leaveTestbed({ trial, environment, testbed }: Placed): AsyncDisposable {
  return testbed === environment
    ? { [Symbol.asyncDispose]: () => Promise.resolve() }
    : keepOrRemove({ trial, environment: testbed });
}

/**
 * Makes the verifier's own environment and puts the artifacts into it. The agent's environment is gone before, unless another
 * agent is to work in it; the verifier's image came while the agent worked.
 */
export function handOver(separate: SeparateVerifier) {
  return async (state: Collected, signal: AbortSignal): Promise<Placed> => {
    const { trial } = state;
    const lastVitals = await vitalsOf(state.environment.main, signal);
    if (state.isLast) await leaveEnvironment(state);
    const images = await state.verifierImages.get(separate.environment);
    const { artifacts } = state;
    const opened = await openTestbed(trial, { separate, images, artifacts }, signal);
    return { ...state, ...opened, warnings: [...state.warnings, ...images.warnings], lastVitals };
  };
}

/** Makes a verifier's own environment with what was kept of the trial's artifacts in it. Whoever has it ends it. */
export async function openTestbed(
  trial: Trial,
  {
    separate,
    images,
    artifacts,
  }: {
    readonly separate: SeparateVerifier;
    readonly images: EnvironmentImages;
    readonly artifacts: readonly PlannedArtifact[];
  },
  signal: AbortSignal,
): Promise<Pick<Placed, 'testbed' | 'testbedBefore'>> {
  const { task } = trial.spec;
  const policies = separatePolicies(separate.environment, task.verifier);
  const spec = await environmentSpec(trial, separate.environment, { images, user: null, policies });
  const testbed = await trial.engine.createEnvironment(spec, signal);
  try {
    await fillMain(testbed.main, { task, environment: separate.environment, images }, signal);
    await requireUser(testbed.main, task.verifier.user, signal);
    const testbedBefore = await trial.verifier.before(testbed.main, task, signal);
    const dir = trial.store.paths.artifactsDir;
    await freshVerifierLogs(testbed.main, signal);
    await restoreArtifacts(testbed.main, { plan: artifacts, dir, signal });
    return { testbed, testbedBefore };
  } catch (error) {
    await testbed[Symbol.asyncDispose]();
    throw error;
  }
}

/** Nothing of the agent lives on: its sandboxes are gone, or stopped where the user wants to keep them. */
async function leaveEnvironment({ trial, environment }: Collected): Promise<void> {
  if (!trial.settings.keepSandboxes) {
    await environment.end();
    await trial.store.log("the agent's environment is gone");
    return;
  }
  for (const sandbox of environment.sandboxes.values()) await sandbox.stop();
}
