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

type PhasedTask = Pick<Task, 'environment' | 'agent' | 'verifier' | 'steps'>;

/** Whether a task can only be run where network policies can be kept. */
export function needsPolicies(task: PhasedTask): boolean {
  return environmentsOf(task).some(({ policies }) => needsGate(policies));
}

/** Whether several containers of a task are under a policy together: the engine resolves their names then. */
export function sharesPolicy(task: PhasedTask): boolean {
  return environmentsOf(task).some(
    ({ environment, policies }) =>
      environment.compose !== null && policies.some(({ mode }) => mode !== 'public'),
  );
}

/** Every environment of a task, with all that is to hold in it at some time. */
function environmentsOf(
  task: PhasedTask,
): { readonly environment: TaskEnvironment; readonly policies: readonly NetworkPolicy[] }[] {
  const parts = task.steps.length === 0 ? [task] : task.steps;
  const separate = parts.flatMap(({ verifier }) => {
    if (verifier.separate === null) return [];
    const { environment } = verifier.separate;
    return [{ environment, policies: separatePolicies(environment, verifier) }];
  });
  return [{ environment: task.environment, policies: agentPolicies(task) }, ...separate];
}
