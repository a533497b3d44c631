import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ContainerEngine, Image } from '../src/sandbox/container-engine.js';
import type { Sandbox, SandboxSpec } from '../src/sandbox/sandbox.js';

/** Image of every benchmark; `npm run setup` provides it. */
export const benchImage = 'docker.io/library/debian:bookworm-slim';

export async function ensureBenchImage(engine: ContainerEngine): Promise<Image> {
  const source = { reference: benchImage, buildContext: null, dockerfile: 'Dockerfile', buildTimeoutMs: 1 };
  return engine.ensureImage(source, { pull: 'never', forceBuild: false });
}

export function benchSpec(image: Image, name: string, overrides: Partial<SandboxSpec> = {}): SandboxSpec {
  return {
    image,
    cpus: null,
    memoryBytes: 256 * 2 ** 20,
    pidsLimit: 256,
    network: 'none',
    env: {},
    workdir: null,
    user: null,
    owner: { job: 'bench', trial: name, task: 'bench' },
    ...overrides,
  };
}

/** Path of the engine's socket. */
export function socketPathOf(engine: ContainerEngine): string {
  return engine.info.socket.replace(/^unix:\/\//, '');
}

/** The environment in which podman's own command line works on the engine's containers. */
export function podmanEnvironment(engine: ContainerEngine): NodeJS.ProcessEnv {
  const conf = join(dirname(socketPathOf(engine)), 'containers.conf');
  return existsSync(conf) ? { ...process.env, CONTAINERS_CONF: conf } : process.env;
}

/** Opens many at once; removes those there are when one fails. */
export async function openMany(
  engine: ContainerEngine,
  specs: readonly SandboxSpec[],
): Promise<{ readonly all: readonly Sandbox[] } & AsyncDisposable> {
  const opened = await Promise.allSettled(specs.map((spec) => engine.createSandbox(spec)));
  const all = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const dispose = async (): Promise<void> => {
    await Promise.all(all.map((sandbox) => sandbox[Symbol.asyncDispose]()));
  };
  const failed = opened.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    await dispose();
    throw failed.reason;
  }
  return { all, [Symbol.asyncDispose]: dispose };
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Resident memory of this process after a garbage collection. */
export function settledMemoryBytes(): number {
  collect();
  collect();
  return process.memoryUsage().rss;
}
