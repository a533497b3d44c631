import { randomUUID } from 'node:crypto';
import type { NetworkPolicy } from '../../record/network-policy.js';
import type { ContainerEngine } from '../../sandbox/container-engine.js';
import type { Environment, EnvironmentSpec } from '../../sandbox/environment.js';
import type { Sandbox } from '../../sandbox/sandbox.js';

/** What makes environments, and removes the images they were made from. */
export type EnvironmentMaker = Pick<ContainerEngine, 'createEnvironment' | 'removeImage'>;

/**
 * A second environment for the same tests: its main sandbox has the files that the first one has now, and no process of
 * the agent is alive in it. Removed whole in the end, with the image of the frozen files.
 */
export async function openFreshEnvironment(
  engine: EnvironmentMaker,
  { main, network }: Environment,
  signal: AbortSignal,
): Promise<Environment> {
  const reference = `localhost/tbench-snapshot:${randomUUID()}`;
  const removeImage = (): Promise<void> => engine.removeImage(reference).catch(() => undefined);
  try {
    const id = await main.snapshot(reference, { signal });
    const fresh = await engine.createEnvironment(freshSpec(main, { reference, id }, network?.policy), signal);
    return {
      ...fresh,
      [Symbol.asyncDispose]: async () => {
        await fresh[Symbol.asyncDispose]();
        await removeImage();
      },
    };
  } catch (error) {
    await removeImage();
    throw error;
  }
}

/** The same limits and the same surroundings, from another image. */
function freshSpec(
  main: Sandbox,
  image: { reference: string; id: string },
  policy: NetworkPolicy | undefined,
): EnvironmentSpec {
  const { limits } = main;
  return {
    network: limits.network === 'none' ? 'none' : 'public',
    ...(policy === undefined ? {} : { policy }),
    blockPrivate: limits.reach === 'no-private',
    owner: { job: 'second-opinion', trial: main.id, task: 'second-opinion' },
    main: {
      image,
      cpus: limits.cpus,
      memoryBytes: limits.memoryBytes,
      pidsLimit: limits.pids,
      env: main.env,
      workdir: main.workdir,
      user: main.user,
    },
  };
}
