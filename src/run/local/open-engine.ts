import { EnvironmentError } from '../../base/errors.js';
import type { ContainerEngine } from '../../sandbox/container-engine.js';
import { openContainerEngine } from '../../sandbox/open-engine.js';
import type { Surroundings } from '../surroundings.js';

/** The container engine to work with, cleared of what dead tbench processes left behind. */
export async function openEngine({
  engine,
  env,
  signal,
  tell,
}: Pick<Surroundings, 'engine' | 'env' | 'signal' | 'tell'>): Promise<ContainerEngine> {
  const found = await openContainerEngine({ engine: engine ?? undefined, env, signal, onWarning: tell });
  try {
    const swept = await found.sweep();
    if (swept.length > 0) tell(`removed ${swept.length} containers of tbench processes that died`);
    return found;
  } catch (error) {
    await found[Symbol.asyncDispose]();
    throw new EnvironmentError('the container engine answers but does not list its containers', {
      cause: error,
    });
  }
}
