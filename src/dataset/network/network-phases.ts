import type { NetworkPolicy } from '../../record/network-policy.js';
import type { Task, TaskEnvironment, TaskNetwork, TaskVerifier } from '../task.js';

/** What a phase may reach in an environment; one that declares nothing may reach what the environment does. */
export function phasePolicy({ mode, allowedHosts }: TaskNetwork, baseline: NetworkPolicy): NetworkPolicy {
  return mode === null ? baseline : { mode, allowedHosts };
}

/** What an environment may reach while neither agent nor tests run. */
export function baselinePolicy({ network }: TaskEnvironment): NetworkPolicy {
  return phasePolicy(network, { mode: 'public', allowedHosts: [] });
}

/** Every policy that holds in the agent's environment at some time, its baseline first. */
export function agentPolicies(
  task: Pick<Task, 'environment' | 'agent' | 'verifier' | 'steps'>,
): NetworkPolicy[] {
  const baseline = baselinePolicy(task.environment);
  const parts = task.steps.length === 0 ? [task] : task.steps;
  const phases = parts.flatMap(({ agent, verifier }) => [
    agent.network,
    ...(verifier.separate === null ? [verifier.network] : []),
  ]);
  return [baseline, ...phases.map((phase) => phasePolicy(phase, baseline))];
}

/** The same of a separate verifier's environment. */
export function separatePolicies(
  environment: TaskEnvironment,
  { network }: Pick<TaskVerifier, 'network'>,
): NetworkPolicy[] {
  const baseline = baselinePolicy(environment);
  return [baseline, phasePolicy(network, baseline)];
}

/** Whether more is to be kept than a network that is there, or is not, for as long as the environment lives. */
export function needsGate(policies: readonly NetworkPolicy[]): boolean {
  return (['public', 'no-network'] as const).every((one) => policies.some(({ mode }) => mode !== one));
}

/** Whether a task can only be run where network policies can be kept. */
export function needsPolicies(task: Pick<Task, 'environment' | 'agent' | 'verifier' | 'steps'>): boolean {
  const parts = task.steps.length === 0 ? [task] : task.steps;
  const separate = parts.flatMap(({ verifier }) =>
    verifier.separate === null ? [] : [separatePolicies(verifier.separate.environment, verifier)],
  );
  return [agentPolicies(task), ...separate].some(needsGate);
}
