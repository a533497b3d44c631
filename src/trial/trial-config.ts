import { dirname } from 'node:path';
import type { Task } from '../dataset/task.js';
import type { TrialConfig } from '../record/trial-config.js';
import {
  additions,
  agentConfig,
  environmentConfig,
  timeoutMultipliers,
  verifierConfig,
} from '../results/formats/harbor/config.js';
import { trialLock, type TrialLock } from '../results/formats/harbor/lock.js';
import type { Trial, TrialSettings } from './trial.js';

/** What a trial is made from: known before it starts, and the same for every attempt at its task. */
export type TrialInputs = Pick<Trial['spec'], 'task' | 'source'> & {
  readonly agent: string;
  readonly model: string | null;
  readonly settings: Pick<TrialSettings, 'timeoutMultiplier' | 'forceBuild' | 'keepSandboxes'>;
};

/** `config.json` of a trial in Harbor's shape: what this trial was run with, defaults spelled out. */
export function trialConfig(trial: Trial): TrialConfig {
  const { spec, store } = trial;
  return {
    schema_version: 1,
    trial_name: spec.name,
    trials_dir: dirname(store.paths.dir),
    ...inputConfig(inputsOf(trial)),
    job_id: spec.job.id,
    source_trial: null,
  };
}

/** `lock.json` of a trial: its inputs, resolved. */
export function lockOfTrial(trial: Trial): TrialLock {
  return lockOfInputs(inputsOf(trial));
}

/** The lock that every trial of these inputs has. */
export function lockOfInputs(inputs: TrialInputs): TrialLock {
  return trialLock(inputConfig(inputs), {
    digest: inputs.source.digest,
    version: inputs.task.identity.version,
    verifierMode: verifierMode(inputs.task),
  });
}

/** Where the tests run; null for a task whose steps decide that. */
export function verifierMode({ steps, verifier }: Task): 'shared' | 'separate' | null {
  if (steps.length > 0) return null;
  return verifier.separate === null ? 'shared' : 'separate';
}

function inputsOf({ spec: { task, source }, agent, settings }: Trial): TrialInputs {
  return { task, source, agent: agent.name, model: settings.model?.name ?? null, settings };
}

function inputConfig({ task, source, agent, model, settings }: TrialInputs) {
  return {
    task: {
      path: source.origin === null ? task.dir : task.name,
      git_url: source.origin?.url ?? null,
      git_commit_id: source.origin?.commit ?? null,
      // Of packages of Harbor's registry only, which have no path.
      name: null,
      ref: null,
      overwrite: false,
      download_dir: null,
      source: source.dataset,
    },
    ...timeoutMultipliers(settings.timeoutMultiplier),
    agent: agentConfig({ name: agent, model }),
    environment: environmentConfig(settings),
    verifier: verifierConfig,
    ...additions,
  };
}
