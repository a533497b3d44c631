import type { Harness } from '../../agent/harness/harness.js';
import type { LocalTools } from '../../job/local-dispatcher.js';
import type { RunSpec } from '../../record/run-spec.js';
import { defaultOutputLimits } from '../../sandbox/shell/output-capture.js';
import type { HostVariables } from '../../base/host-variables.js';
import { readVersion } from '../version.js';

/** What harness and machine add to the settings of a run when its trials are made in this process. */
export function localSettings(
  { trial }: RunSpec,
  { harness, env }: { readonly harness: Harness | null; readonly env: HostVariables },
): LocalTools['settings'] {
  return {
    hostEnv: pickVariables(trial.passedVariables, env),
    shellEnv: harness?.shell.env ?? {},
    outputLimits: harness?.outputLimits ?? defaultOutputLimits,
    version: readVersion(),
  };
}

/** The host variables a person allowed tasks to read; nothing else of the environment goes anywhere. */
export function pickVariables(
  names: readonly string[],
  env: HostVariables,
): Readonly<Record<string, string>> {
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}
