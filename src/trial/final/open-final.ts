import { agentPolicies } from '../../dataset/network/network-phases.js';
import type { Environment } from '../../sandbox/environment.js';
import type { Sandbox } from '../../sandbox/sandbox.js';
import type { FinalState } from './final-state.js';
import { environmentSpec } from '../environment/environment-spec.js';
import type { Trial } from '../trial.js';
import type { Placed } from '../trial-state.js';

/**
 * A sandbox with the files that a recorded trial's agent left, none of its processes alive. What the agent changed is known from the
 * record, for the engine sees the kept image as the beginning. Whoever has it ends it.
 */
export async function openFinal(
  trial: Trial,
  { image, changes, initial }: FinalState,
  signal: AbortSignal,
): Promise<Pick<Placed, 'testbed' | 'testbedBefore'>> {
  const { agent, environment: wanted } = trial.spec.task;
  const main = { ...image, digest: null };
  const images = { main, services: new Map(), project: null, warnings: [] };
  const spec = await environmentSpec(trial, wanted, {
    images,
    user: agent.user,
    policies: agentPolicies(trial.spec.task),
  });
  const testbed: Environment = await trial.engine.createEnvironment(spec, signal);
  return {
    testbed: { ...testbed, main: withEarlierChanges(testbed.main, changes) },
    testbedBefore: initial,
  };
}

/** The same sandbox, to which the changes of the one that it was made from are its own. */
function withEarlierChanges(main: Sandbox, earlier: FinalState['changes']): Sandbox {
  return {
    ...main,
    changes: async (signal) => {
      const now = await main.changes(signal);
      const paths = new Set(now.map(({ path }) => path));
      return [...earlier.filter(({ path }) => !paths.has(path)), ...now];
    },
  };
}
