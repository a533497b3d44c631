import type { Task } from '../task.js';

/** The one judge of why a Harbor task cannot be run yet, one line a reason; a task is never half-run. */
export function harborRefusals(task: Omit<Task, 'refusals'>): string[] {
  const { environment, verifier } = task;
  const reasons: readonly (readonly [boolean, string])[] = [
    [task.steps.length > 0, `multi-step task (${task.steps.length} steps)`],
    [verifier.environmentMode === 'separate', 'needs a separate verifier environment'],
    [environment.gpus > 0, `needs ${environment.gpus} GPU(s)`],
    [environment.tpu !== null, 'needs a TPU'],
    [environment.os === 'windows', 'needs Windows'],
    [environment.mcpServers.length > 0, 'needs MCP servers, which are not started yet'],
    [environment.skillsDir !== null, 'brings skills, which the agent is not given yet'],
    [verifier.collect.some(({ service }) => service !== 'main'), 'collects from a sidecar service'],
  ];
  return [...reasons.flatMap(([applies, reason]) => (applies ? [reason] : [])), ...networkRefusals(task)];
}

/** A container keeps one network for its life, so a phase may not declare another than the environment's. */
function networkRefusals({ environment, agent, verifier }: Omit<Task, 'refusals'>): string[] {
  const own = environment.network.mode ?? 'public';
  const modes = [own, agent.network.mode ?? own, verifier.network.mode ?? own];
  if (modes.includes('allowlist')) return ['needs an allowlist network'];
  return modes.every((mode) => mode === own) ? [] : ['needs another network for the agent or the verifier'];
}
