import { linkAbort } from '../base/deadline.js';
import type { TaskEnvironment } from '../dataset/task.js';
import type { Image } from '../sandbox/container-engine.js';
import type { Trial } from './trial.js';
import { imageSource } from './image-source.js';

/** The images of a trial's separate verifiers. */
export interface VerifierImages extends Disposable {
  /** Settles when the image is there. Rejects as `ensureImage` does. */
  get(environment: TaskEnvironment): Promise<Image>;
}

/**
 * Pulls or builds what separate verifiers of this trial need, while the agent works. A build is never forced: only the agent's
 * image is made anew by `--force-build`, as in Harbor. What is not done when it is disposed is given up.
 */
export function fetchVerifierImages(trial: Trial, signal: AbortSignal): VerifierImages {
  const { task } = trial.spec;
  const watch = linkAbort(signal);
  const images = new Map<TaskEnvironment, Promise<Image>>();
  const get = (environment: TaskEnvironment): Promise<Image> => {
    const known = images.get(environment);
    if (known !== undefined) return known;
    const image = trial.engine.ensureImage(imageSource(environment, trial.settings.timeoutMultiplier), {
      pull: trial.settings.pull,
      forceBuild: false,
      signal: watch.signal,
      onProgress: (text) => trial.emit({ kind: 'trial-detail', trial: trial.spec.name, text }),
    });
    // Whoever waits for the image gets its failure. When nobody does, it must not end the process as unhandled.
    image.catch(() => undefined);
    images.set(environment, image);
    return image;
  };
  for (const { verifier } of task.steps.length === 0 ? [task] : task.steps)
    if (verifier.separate !== null) void get(verifier.separate.environment);
  return {
    get,
    [Symbol.dispose]: () => {
      watch[Symbol.dispose]();
      if (!watch.signal.aborted) watch.abort(new Error('the trial is over'));
    },
  };
}
