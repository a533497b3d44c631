import type { Agent } from '../agent/agent.js';
import { ResultsError } from '../base/errors.js';
import type { TrialSpec } from '../record/trial-spec.js';
import { trialName } from '../results/layout.js';
import type { Redact } from '../results/redact.js';
import { openTrialStore } from '../results/trial-store.js';
import type { ContainerEngine } from '../sandbox/container-engine.js';
import { runTrial } from '../trial/run-trial.js';
import type { Trial, TrialSettings } from '../trial/trial.js';
import type { Verifier } from '../verifier/verifier.js';
import { anotherTry } from './another-try.js';
import type { DispatchedJob, DispatchedTask, Dispatcher, OpenDispatcher } from './dispatcher.js';

/** What this process makes trials with. */
export interface LocalTools {
  readonly engine: ContainerEngine;
  readonly agent: Agent;
  readonly verifier: Verifier;
  readonly redact: Redact;
  /** What the harness and this machine add to the settings of a spec. */
  readonly settings: Pick<TrialSettings, 'hostEnv' | 'shellEnv' | 'outputLimits' | 'version'>;
}

/** Makes the trials in this process. */
export function localDispatcher(tools: LocalTools): OpenDispatcher {
  return (job) => openLocalDispatcher(tools, job);
}

function openLocalDispatcher(tools: LocalTools, job: DispatchedJob): Dispatcher {
  const tasks = new Map(job.tasks.map((one) => [taskKey(one.task.name, one.source.digest), one]));
  return {
    async run(spec, signal) {
      const found = tasks.get(taskKey(spec.task.name, spec.task.digest));
      if (found === undefined)
        throw new ResultsError(
          `task ${spec.task.name} (${spec.task.digest}) is not in this copy of the dataset`,
        );
      const { result, failure } = await runTrial(await openTrial(spec, found, tools, job), signal);
      return { result, anotherTry: anotherTry(failure?.error ?? null, result) };
    },
  };
}

async function openTrial(
  spec: TrialSpec,
  { task, source }: DispatchedTask,
  tools: LocalTools,
  job: DispatchedJob,
): Promise<Trial> {
  const { engine, agent, verifier, redact } = tools;
  const name = trialName(spec.task.name, spec.attempt);
  const { passedVariables: _names, ...settings } = spec.settings;
  return {
    spec: { name, task, attempt: spec.attempt, job: spec.job, source },
    settings: { ...tools.settings, ...settings, model: spec.model },
    engine,
    agent,
    verifier,
    store: await openTrialStore(job.dir, name, { tries: spec.tries, redact }),
    emit: job.emit,
    hold: (signal) => job.hold(name, signal),
  };
}

function taskKey(name: string, digest: string): string {
  return `${name} ${digest}`;
}
