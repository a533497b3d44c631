import { randomUUID } from 'node:crypto';
import type { ContainerEngine } from '../../src/sandbox/container-engine.js';
import { openContainerEngine } from '../../src/sandbox/open-engine.js';
import type { Sandbox, SandboxSpec } from '../../src/sandbox/sandbox.js';

/** Present on every machine where `npm test` runs; the set-up script builds it where no registry answers. */
export const baseImage = 'docker.io/library/debian:bookworm-slim';

/** The engine that tbench itself would use. Dispose it when the file's tests are done. */
export function openTestEngine(options: { readonly engine?: string } = {}): Promise<ContainerEngine> {
  const onWarning = (message: string): void => {
    process.stderr.write(`engine: ${message}\n`);
  };
  return openContainerEngine({ ...options, env: process.env, onWarning });
}

/** A small sandbox of the base image; every field can be overridden. */
export function testSpec(engineImageId: string, overrides: Partial<SandboxSpec> = {}): SandboxSpec {
  return {
    image: { reference: baseImage, id: engineImageId },
    cpus: 1,
    memoryBytes: 256 * 2 ** 20,
    pidsLimit: 256,
    network: 'none',
    env: {},
    workdir: null,
    user: null,
    owner: { job: 'test', trial: `test-${randomUUID().slice(0, 8)}`, task: 'test' },
    ...overrides,
  };
}

/** Opens a sandbox of the base image. */
export async function openTestSandbox(
  engine: ContainerEngine,
  overrides: Partial<SandboxSpec> = {},
): Promise<Sandbox> {
  const source = {
    reference: baseImage,
    buildContext: null,
    dockerfile: 'Dockerfile',
    buildTimeoutMs: 600_000,
  };
  const image = await engine.ensureImage(source, { pull: 'never', forceBuild: false });
  return engine.createSandbox(testSpec(image.id, overrides));
}
