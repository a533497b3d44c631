import { resolveEnv } from '../../dataset/resolve-env.js';
import type { EnvironmentSpec } from '../../sandbox/environment.js';
import type { TaskEnvironment, TaskNetwork } from '../../dataset/task.js';
import type { Image } from '../../sandbox/container-engine.js';
import type { Started, WithImage } from '../trial-state.js';
import type { Trial } from '../trial.js';
import { fetchVerifierImages } from '../verifier-images.js';

/** Processes a sandbox may hold: room for any build, too few for a fork bomb to hurt the host. */
const pidsLimit = 4096;

/** Starts the sandboxes that the task asks for. Whoever takes this step sees to `keepOrRemove`. */
export async function startEnvironment(state: WithImage, signal: AbortSignal): Promise<Started> {
  const { trial, image } = state;
  const verifierImages = fetchVerifierImages(trial, signal);
  try {
    const { environment: wanted, steps, agent } = trial.spec.task;
    const { user } = steps[0]?.agent ?? agent;
    const spec = environmentSpec(trial, wanted, { image, user });
    return { ...state, verifierImages, environment: await trial.engine.createEnvironment(spec, signal) };
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

/** An environment as a task describes it: the agent's, or a separate verifier's. */
export function environmentSpec(
  { spec, settings }: Trial,
  environment: TaskEnvironment,
  main: {
    readonly image: Image;
    readonly user: string | null;
    /** Of a phase that has the environment for itself. */
    readonly network?: TaskNetwork;
  },
): EnvironmentSpec {
  const mode = main.network?.mode ?? environment.network.mode;
  return {
    network: mode === 'no-network' ? 'none' : 'public',
    blockPrivate: settings.blockPrivate,
    owner: { job: spec.job.name, trial: spec.name, task: spec.task.name, keep: settings.keepSandboxes },
    sandboxes: {
      main: {
        image: main.image,
        cpus: environment.cpus,
        memoryBytes: environment.memoryBytes,
        pidsLimit,
        env: resolveEnv(environment.env, settings.hostEnv),
        workdir: environment.workdir,
        user: main.user,
        outputLimits: settings.outputLimits,
        shellEnv: settings.shellEnv,
      },
    },
  };
}
