import { needsPolicies, sharesPolicy } from '../../dataset/network/network-phases.js';
import type { Dataset, Task } from '../../dataset/task.js';
import type { ContainerEngine, EngineInfo } from '../../sandbox/container-engine.js';
import { internalNamesFlaw } from '../../sandbox/network/internal-names.js';

/** A dataset whose tasks also tell why they cannot be run on this host, so that they are refused before the first sandbox. */
export async function withHostRefusals<T extends Pick<Dataset, 'tasks'>>(
  dataset: T,
  engine: Pick<ContainerEngine, 'policyRefusal'> & { readonly info: Pick<EngineInfo, 'name' | 'version'> },
): Promise<T> {
  const refusal = dataset.tasks.some(needsPolicies) ? await engine.policyRefusal() : null;
  const flaw = internalNamesFlaw(engine.info);
  const refusalsOf = (task: Task): readonly string[] => [
    ...(refusal !== null && needsPolicies(task) ? [refusal] : []),
    ...(flaw !== null && sharesPolicy(task) ? [flaw] : []),
  ];
  const tasks = dataset.tasks.map((task) => {
    const own = refusalsOf(task).map((reason) => `its network policy cannot be kept here: ${reason}`);
    return own.length === 0 ? task : { ...task, refusals: [...task.refusals, ...own] };
  });
  return { ...dataset, tasks };
}
