import { imageSource } from '../image-source.js';
import type { Begun, WithImage } from '../trial-state.js';

/** Pulls or builds the task's image, once however many trials ask for it. */
export async function ensureImage(state: Begun, signal: AbortSignal): Promise<WithImage> {
  const { spec, settings, engine, emit } = state.trial;
  const image = await engine.ensureImage(imageSource(spec.task.environment, settings.timeoutMultiplier), {
    pull: settings.pull,
    forceBuild: settings.forceBuild,
    signal,
    onProgress: (text) => emit({ kind: 'trial-detail', trial: spec.name, text }),
  });
  return { ...state, image };
}
