import type { NetworkPolicy } from '../record/network-policy.js';
import { agentPolicies, separatePolicies } from './network/network-phases.js';
import { stepsOrTask, type ReadTask, type TaskEnvironment } from './task.js';

/**
 * Why a task cannot be run as it stands, one line a reason; empty when it can. This is the one judge of it: its
 * answer is the task's `refusals`, and a job's plan leaves such a task out, so that none is ever half-run.
 */
export function taskRefusals(task: ReadTask): readonly string[] {
  const { environment } = task;
  const reasons: readonly (readonly [applies: boolean, reason: string])[] = [
    [environment.compose === null && wantsSidecar(task), 'collects from a service, and has no compose file'],
  ];
  const own = [...environmentRefusals(environment), ...rawRefusals(environment, agentPolicies(task))];
  const ofVerifiers = verifiersOf(task).flatMap(({ separate, network }) =>
    separate === null
      ? []
      : [
          ...environmentRefusals(separate.environment),
          ...rawRefusals(separate.environment, separatePolicies(separate.environment, { network })),
        ],
  );
  return [
    ...own,
    // A verifier's environment may be a copy of the agent's: what is said of that is not said twice.
    ...new Set(
      ofVerifiers.filter((reason) => !own.includes(reason)).map((reason) => `its verifier: ${reason}`),
    ),
    ...reasons.flatMap(([applies, reason]) => (applies ? [reason] : [])),
  ];
}

function environmentRefusals({ unsupported, gpus, tpu, os }: TaskEnvironment): string[] {
  return [
    ...unsupported,
    ...(gpus > 0 ? [`needs ${gpus} GPU(s)`] : []),
    ...(tpu === null ? [] : ['needs a TPU']),
    ...(os === 'windows' ? ['needs Windows'] : []),
  ];
}

function rawRefusals({ compose }: TaskEnvironment, policies: readonly NetworkPolicy[]): string[] {
  const raw = compose?.rawServices ?? [];
  if (raw.length === 0 || policies.every(({ mode }) => mode === 'public')) return [];
  return [
    `its network policy cannot be kept: cap_add NET_RAW or NET_ADMIN (service ${raw.join(', ')}) passes by it`,
  ];
}

function verifiersOf(task: ReadTask): ReadTask['verifier'][] {
  return stepsOrTask<Pick<ReadTask, 'verifier'>>(task).map(({ verifier }) => verifier);
}

/** A hook or an artifact of another service than main. */
function wantsSidecar(task: ReadTask): boolean {
  const artifacts = [task, ...task.steps].flatMap((one) => one.artifacts);
  const hooks = verifiersOf(task).flatMap(({ collect }) => collect);
  return [...artifacts, ...hooks].some(({ service }) => (service ?? 'main') !== 'main');
}
