import { join } from 'node:path';
import { inPhase } from '../environment/in-phase.js';
import { phaseName } from '../environment/phase-name.js';
import { scaled } from '../scaled.js';
import { vitalsOf } from './vitals.js';
import type { Placed, Verified } from '../trial-state.js';

/** Runs the tests and judges what they and the sandbox show. */
export async function verify(state: Placed, signal: AbortSignal): Promise<Verified> {
  const { trial, testbed, testbedBefore, killed } = state;
  const { spec, settings, store, engine } = trial;
  const isShared = testbed === state.environment;
  const file = isShared ? store.paths.network : join(store.paths.verifierDir, 'network.json');
  const phase = { name: phaseName('verifier', state.step), network: spec.task.verifier.network, file };
  const verification = await inPhase(testbed, phase, () =>
    trial.verifier.verify({
      environment: testbed,
      engine,
      task: spec.task,
      initial: testbedBefore,
      killed,
      commands: state.act.commands,
      redact: store.redact,
      outDir: store.paths.verifierDir,
      options: {
        ...settings.verifier,
        timeoutMs: scaled(spec.task.verifier.timeoutMs, settings.timeoutMultiplier),
      },
      signal,
    }),
  );
  const vitals = isShared ? await vitalsOf(testbed.main, signal) : state.lastVitals;
  return { ...state, verification, vitals };
}
