import { ensureImages, imageMakerOf } from '../environment/environment-images.js';
import type { Begun, WithImage } from '../trial-state.js';

/** Pulls or builds what the agent's environment is made from. */
export async function ensureImage(state: Begun, signal: AbortSignal): Promise<WithImage> {
  const { spec, settings } = state.trial;
  const options = { forceBuild: settings.forceBuild, signal };
  const images = await ensureImages(imageMakerOf(state.trial), spec.task.environment, options);
  const warnings = [...state.warnings, ...images.warnings];
  return { ...state, warnings, images, image: images.main };
}
