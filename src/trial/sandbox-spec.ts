import { resolveEnv } from '../dataset/resolve-env.js';
import type { Task } from '../dataset/task.js';
import type { Image, ImageSource } from '../sandbox/container-engine.js';
import type { SandboxSpec } from '../sandbox/sandbox.js';
import type { Trial } from './trial.js';

/** Processes a sandbox may hold: room for any build, too few for a fork bomb to hurt the host. */
const pidsLimit = 4096;

/** Where a task's image comes from. A prebuilt image wins unless a build is forced and possible. */
export function imageSource(task: Task, timeoutMultiplier: number): ImageSource {
  const { dockerImage, buildContext, dockerfile, buildTimeoutMs } = task.environment;
  return {
    reference: dockerImage,
    buildContext,
    dockerfile,
    buildTimeoutMs: buildTimeoutMs * timeoutMultiplier,
  };
}

/** The sandbox a task asks for. */
export function sandboxSpec({ spec, settings }: Trial, image: Image): SandboxSpec {
  const { task } = spec;
  return {
    image,
    cpus: task.environment.cpus,
    memoryBytes: task.environment.memoryBytes,
    pidsLimit,
    network: task.environment.network.mode === 'no-network' ? 'none' : 'public',
    env: resolveEnv(task.environment.env, settings.hostEnv),
    workdir: task.environment.workdir,
    user: task.agent.user,
    outputLimits: settings.outputLimits,
    shellEnv: settings.shellEnv,
    owner: { job: spec.job.name, trial: spec.name, task: task.name, keep: settings.keepSandboxes },
  };
}
