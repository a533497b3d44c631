import { scaled } from '../scaled.js';
import { vitalsOf } from './vitals.js';
import type { Placed, Verified } from '../trial-state.js';

/** Runs the tests and judges what they and the sandbox show. */
export async function verify(state: Placed, signal: AbortSignal): Promise<Verified> {
  const { trial, testbed, testbedBefore, killed } = state;
  const { spec, settings, store, engine } = trial;
  const verification = await trial.verifier.verify({
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
  });
  const isShared = testbed === state.environment;
  const vitals = isShared ? await vitalsOf(testbed.main, signal) : state.lastVitals;
  return { ...state, verification, vitals };
}
