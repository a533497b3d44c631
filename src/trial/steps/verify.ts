import { join } from 'node:path';
import { inPhase } from '../environment/in-phase.js';
import { phaseName } from '../environment/phase-name.js';
import { scaled } from '../scaled.js';
import { vitalsOf } from './vitals.js';
import type { Placed, Verified } from '../trial-state.js';
import type { Environment } from '../../sandbox/environment.js';
import type { InitialScene } from '../../verifier/scene/initial-scene.js';
import type { Verification } from '../../verifier/verifier.js';
import type { Trial } from '../trial.js';

/** What the tests are run on. */
export interface Verifiable {
  readonly testbed: Environment;
  readonly testbedBefore: InitialScene;
  /** Of the agent: what it ran, and processes of its unfinished command that were ended. */
  readonly commands: readonly string[];
  readonly killed: readonly string[];
  /** Where it is recorded what the network refused. */
  readonly file: string;
  readonly step: Placed['step'];
}

/** Runs the tests and judges what they and the sandbox show. */
export async function verify(state: Placed, signal: AbortSignal): Promise<Verified> {
  const { trial, testbed } = state;
  const isShared = testbed === state.environment;
  const file = isShared ? trial.store.paths.network : separateNetworkFile(trial);
  const asked = { ...state, commands: state.act.commands, file, step: state.step };
  const verification = await runVerifier(trial, asked, signal);
  const vitals = isShared ? await vitalsOf(testbed.main, signal) : state.lastVitals;
  return { ...state, verification, vitals };
}

/** Where a verifier's own environment records what its network refused. */
export function separateNetworkFile({ store }: Trial): string {
  return join(store.paths.verifierDir, 'network.json');
}

/** The same of a testbed, whoever has put there what is to be judged. */
export function runVerifier(
  { spec, settings, store, engine, verifier }: Trial,
  { testbed, testbedBefore, commands, killed, file, step }: Verifiable,
  signal: AbortSignal,
): Promise<Verification> {
  const phase = { name: phaseName('verifier', step), network: spec.task.verifier.network, file };
  return inPhase(testbed, phase, () =>
    verifier.verify({
      environment: testbed,
      engine,
      task: spec.task,
      initial: testbedBefore,
      killed,
      commands,
      redact: store.redact,
      outDir: store.paths.verifierDir,
      options: {
        ...settings.verifier,
        timeoutMs: scaled(spec.task.verifier.timeoutMs, settings.timeoutMultiplier),
      },
      signal,
    }),
  );
}
