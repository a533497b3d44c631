import { linkAbort } from '../base/deadline.js';
import { stepsOrTask, type Task, type TaskEnvironment } from '../dataset/task.js';
import type { Trial } from './trial.js';
import { ensureImages, imageMakerOf, type EnvironmentImages } from './environment/environment-images.js';

/** The images of a trial's separate verifiers. */
export interface VerifierImages extends Disposable {
  /** Settles when the images are there. Rejects as `ensureImage` does. */
  get(environment: TaskEnvironment): Promise<EnvironmentImages>;
}

/**
 * Pulls or builds what separate verifiers of this trial need, while the agent works. A build is never forced: only the agent's
 * image is made anew by `--force-build`, as in Harbor. What is not done when it is disposed is given up.
 */
export function fetchVerifierImages(trial: Trial, signal: AbortSignal): VerifierImages {
  const { task } = trial.spec;
  const watch = linkAbort(signal);
  const images = new Map<TaskEnvironment, Promise<EnvironmentImages>>();
  const get = (environment: TaskEnvironment): Promise<EnvironmentImages> => {
    const known = images.get(environment);
    if (known !== undefined) return known;
    const found = ensureImages(imageMakerOf(trial), environment, { forceBuild: false, signal: watch.signal });
    // Whoever waits for the images gets their failure. When nobody does, it must not end the process as unhandled.
    found.catch(() => undefined);
    images.set(environment, found);
    return found;
  };
  for (const environment of verifierEnvironments(task)) void get(environment);
  return {
    get,
    [Symbol.dispose]: () => {
      watch[Symbol.dispose]();
      if (!watch.signal.aborted) watch.abort(new Error('the trial is over'));
    },
  };
}

/** The environments of a task's separate verifiers. */
export function verifierEnvironments(task: Task): readonly TaskEnvironment[] {
  return stepsOrTask<Pick<Task, 'verifier'>>(task).flatMap(
    ({ verifier }) => verifier.separate?.environment ?? [],
  );
}
