import { describeError } from '../../src/base/errors.js';
import { baseImage, openTestEngine } from './engine.js';

/**
 * Before the podman tests: one engine for all of them (its service is started when none runs), and the base image.
 * What is missing fails the run with what to do; nothing is skipped.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const engine = await openTestEngine().catch((error: unknown) => {
    throw new Error(`the podman tests need a container engine: ${describeError(error)}`);
  });
  const source = {
    reference: baseImage,
    buildContext: null,
    dockerfile: 'Dockerfile',
    buildTimeoutMs: 600_000,
  };
  try {
    await engine.ensureImage(source, { pull: 'never', forceBuild: false });
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw new Error(`the podman tests need the image ${baseImage} (\`npm run setup\` fetches or builds it)`, {
      cause: error,
    });
  }
  return async () => {
    await engine.sweep();
    await engine[Symbol.asyncDispose]();
  };
}
