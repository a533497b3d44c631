import { resolveEnv } from '../../dataset/resolve-env.js';
import type { EnvironmentSpec } from '../../sandbox/environment.js';
import type { Started, WithImage } from '../trial-state.js';

/** Processes a sandbox may hold: room for any build, too few for a fork bomb to hurt the host. */
const pidsLimit = 4096;

/** Starts the sandboxes that the task asks for. Whoever takes this step sees to `keepOrRemove`. */
export async function startEnvironment(state: WithImage, signal: AbortSignal): Promise<Started> {
  const environment = await state.trial.engine.createEnvironment(environmentSpec(state), signal);
  return { ...state, environment };
}

/** Removes the environment in the end, or leaves it behind and says so where the user wants to keep it. */
export function keepOrRemove({ trial, environment }: Started): AsyncDisposable {
  return {
    [Symbol.asyncDispose]: async () => {
      if (!trial.settings.keepSandboxes) return environment[Symbol.asyncDispose]();
      for (const { id } of environment.sandboxes.values())
        trial.emit({ kind: 'trial-note', trial: trial.spec.name, text: `sandbox kept: ${id}` });
    },
  };
}

/** The environment a task asks for. */
export function environmentSpec({ trial: { spec, settings }, image }: WithImage): EnvironmentSpec {
  const { task } = spec;
  return {
    network: task.environment.network.mode === 'no-network' ? 'none' : 'public',
    blockPrivate: settings.blockPrivate,
    owner: { job: spec.job.name, trial: spec.name, task: task.name, keep: settings.keepSandboxes },
    sandboxes: {
      main: {
        image,
        cpus: task.environment.cpus,
        memoryBytes: task.environment.memoryBytes,
        pidsLimit,
        env: resolveEnv(task.environment.env, settings.hostEnv),
        workdir: task.environment.workdir,
        user: task.agent.user,
        outputLimits: settings.outputLimits,
        shellEnv: settings.shellEnv,
      },
    },
  };
}
