import type { Harness } from '../agent/harness/harness.js';
import type { ModelService } from '../model/chat-model.js';
import type { RunSpec } from '../record/run-spec.js';
import { defaultOutputLimits } from '../sandbox/shell/output-capture.js';
import type { TrialSettings } from '../trial/trial.js';
import type { Environment } from './surroundings.js';
import { readVersion } from './version.js';

/** What of a run every trial is made with: its settings, and what harness, model and machine add to them. */
export function trialSettings(
  { trial }: RunSpec,
  parts: {
    readonly harness: Harness | null;
    readonly models: ModelService | null;
    readonly env: Environment;
  },
): TrialSettings {
  const { harness, models, env } = parts;
  const { passedVariables, ...settings } = trial;
  return {
    ...settings,
    hostEnv: pickVariables(passedVariables, env),
    shellEnv: harness?.shell.env ?? {},
    outputLimits: harness?.outputLimits ?? defaultOutputLimits,
    model: models === null ? null : { name: models.name, kind: models.kind },
    version: readVersion(),
  };
}

/** The host variables a person allowed tasks to read; nothing else of the environment goes anywhere. */
function pickVariables(names: readonly string[], env: Environment): Readonly<Record<string, string>> {
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}
