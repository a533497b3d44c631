import { needsPolicies } from '../../dataset/network/network-phases.js';
import type { Dataset } from '../../dataset/task.js';
import type { ContainerEngine } from '../../sandbox/container-engine.js';

/** A dataset whose tasks also tell why they cannot be run on this host, so that they are refused before the first sandbox. */
export async function withHostRefusals(
  dataset: Dataset,
  engine: Pick<ContainerEngine, 'policyRefusal'>,
): Promise<Dataset> {
  if (!dataset.tasks.some(needsPolicies)) return dataset;
  const refusal = await engine.policyRefusal();
  if (refusal === null) return dataset;
  const reason = `its network policy cannot be kept here: ${refusal}`;
  const tasks = dataset.tasks.map((task) =>
    needsPolicies(task) ? { ...task, refusals: [...task.refusals, reason] } : task,
  );
  return { ...dataset, tasks };
}
