import { agentPolicies } from '../../dataset/network/network-phases.js';
import { environmentSpec } from '../environment/environment-spec.js';
import { fillMain } from '../environment/fill-main.js';
import type { Started, WithImage } from '../trial-state.js';
import { fetchVerifierImages } from '../verifier-images.js';

/** Starts the sandboxes that the task asks for. Whoever takes this step sees to `keepOrRemove`. */
export async function startEnvironment(state: WithImage, signal: AbortSignal): Promise<Started> {
  const { trial, images } = state;
  const verifierImages = fetchVerifierImages(trial, signal);
  try {
    const { environment: wanted, steps, agent } = trial.spec.task;
    const { user } = steps[0]?.agent ?? agent;
    const policies = agentPolicies(trial.spec.task);
    const spec = await environmentSpec(trial, wanted, { images, user, policies });
    const environment = await trial.engine.createEnvironment(spec, signal);
    const { task } = trial.spec;
    await fillMain(environment.main, { task, environment: wanted, images }, signal).catch(
      async (error: unknown) => {
        await environment[Symbol.asyncDispose]();
        throw error;
      },
    );
    return { ...state, verifierImages, environment };
  } catch (error) {
    verifierImages[Symbol.dispose]();
    throw error;
  }
}

/** Removes the environment in the end, or leaves it behind and says so where the user wants to keep it. */
export function keepOrRemove({
  trial,
  environment,
  verifierImages,
}: Pick<Started, 'trial' | 'environment'> & Partial<Pick<Started, 'verifierImages'>>): AsyncDisposable {
  return {
    [Symbol.asyncDispose]: async () => {
      verifierImages?.[Symbol.dispose]();
      if (!trial.settings.keepSandboxes) return environment[Symbol.asyncDispose]();
      for (const { id } of environment.sandboxes.values())
        trial.emit({ kind: 'trial-note', trial: trial.spec.name, text: `sandbox kept: ${id}` });
    },
  };
}
