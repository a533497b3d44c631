import type { NetworkMode, ReadTask } from './task.js';

/**
 * Why a task cannot be run as it stands, one line a reason; empty when it can. This is the one judge of it: its
 * answer is the task's `refusals`, and a job's plan leaves such a task out, so that none is ever half-run.
 */
export function taskRefusals(task: ReadTask): readonly string[] {
  const { environment } = task;
  const reasons: readonly (readonly [applies: boolean, reason: string])[] = [
    [environment.gpus > 0, `needs ${environment.gpus} GPU(s)`],
    [environment.tpu !== null, 'needs a TPU'],
    [environment.os === 'windows', 'needs Windows'],
    [environment.mcpServers.length > 0, `needs MCP servers (${serverNames(task)})`],
    [environment.skillsDir !== null, `needs skills from ${environment.skillsDir ?? ''}`],
    [environment.compose === null && wantsSidecar(task), 'collects from a service, and has no compose file'],
  ];
  return [
    ...environment.unsupported,
    ...verifiersOf(task).flatMap(({ separate }) =>
      separate === null || separate.environment.compose === environment.compose
        ? []
        : separate.environment.unsupported.map((reason) => `its verifier: ${reason}`),
    ),
    ...reasons.flatMap(([applies, reason]) => (applies ? [reason] : [])),
    ...networkRefusals(task),
  ];
}

function verifiersOf({ steps, verifier }: ReadTask): ReadTask['verifier'][] {
  return steps.length === 0 ? [verifier] : steps.map((step) => step.verifier);
}

/** A hook or an artifact of another service than main. */
function wantsSidecar(task: ReadTask): boolean {
  const artifacts = [task, ...task.steps].flatMap((one) => one.artifacts);
  const hooks = verifiersOf(task).flatMap(({ collect }) => collect);
  return [...artifacts, ...hooks].some(({ service }) => (service ?? 'main') !== 'main');
}

function serverNames({ environment }: ReadTask): string {
  return environment.mcpServers.map(({ name }) => name).join(', ');
}

/** A container keeps one network for its life, so a phase may not declare another than the environment's. */
function networkRefusals({ environment, agent, verifier }: ReadTask): string[] {
  const own: NetworkMode = environment.network.mode ?? 'public';
  const phases = { agent: agent.network.mode ?? own, verifier: verifier.network.mode ?? own };
  if ([own, ...Object.values(phases)].includes('allowlist')) return ['needs an allowlist network'];
  return Object.entries(phases)
    .filter(([, mode]) => mode !== own)
    .map(([phase]) => `[${phase}] network_mode differs from the environment's (${own})`);
}
