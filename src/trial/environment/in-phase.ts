import { phasePolicy } from '../../dataset/network/network-phases.js';
import type { TaskNetwork } from '../../dataset/task.js';
import { writeJson } from '../../results/write-file.js';
import type { Environment } from '../../sandbox/environment.js';

/**
 * Does a phase's work under the phase's network policy. The environment's own holds before and after; what was refused so far is
 * written to `file`, for an environment that has a policy at all.
 */
export async function inPhase<T>(
  { network }: Environment,
  phase: { readonly name: string; readonly network: TaskNetwork; readonly file: string },
  work: () => Promise<T>,
): Promise<T> {
  if (network === null) return work();
  const baseline = network.policy;
  await network.enter(phase.name, phasePolicy(phase.network, baseline));
  try {
    return await work();
  } finally {
    await network.enter('environment', baseline);
    await writeJson(phase.file, await network.log());
  }
}
