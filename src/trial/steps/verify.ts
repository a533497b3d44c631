import type { Sandbox, SandboxVitals } from '../../sandbox/sandbox.js';
import { scaled } from '../scaled.js';
import type { Left, Verified } from '../trial-state.js';

/** Runs the tests and judges what they and the sandbox show. */
export async function verify(state: Left, signal: AbortSignal): Promise<Verified> {
  const { trial, environment, initial, killed } = state;
  const { spec, settings, store, engine } = trial;
  const verification = await trial.verifier.verify({
    environment,
    engine,
    task: spec.task,
    initial,
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
  return { ...state, verification, vitals: await vitalsOf(environment.main, signal) };
}

/** Counters are nice to have: that they cannot be read takes nothing from a verdict. */
async function vitalsOf(main: Sandbox, signal: AbortSignal): Promise<SandboxVitals | null> {
  return main.vitals(signal).catch(() => {
    signal.throwIfAborted();
    return null;
  });
}
