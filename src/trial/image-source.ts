import type { TaskEnvironment } from '../dataset/task.js';
import type { ImageSource } from '../sandbox/container-engine.js';

/** Where an environment's image comes from. A prebuilt image wins unless a build is forced and possible. */
export function imageSource(environment: TaskEnvironment, timeoutMultiplier: number): ImageSource {
  const { dockerImage, buildContext, dockerfile, buildTimeoutMs } = environment;
  return {
    reference: dockerImage,
    buildContext,
    dockerfile,
    buildTimeoutMs: buildTimeoutMs * timeoutMultiplier,
  };
}
