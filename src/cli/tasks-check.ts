import { createAgent } from '../agent/create-agent.js';
import type { CheckFinding } from '../dataset/check/check-task.js';
import type { Dataset, Task } from '../dataset/task.js';
import type { JobEvent } from '../job/events.js';
import { runnableTasks } from '../job/plan.js';
import { runJob } from '../job/run-job.js';
import type { JobRequest, JobTools } from '../job/job.js';
import type { TrialResult } from '../record/trial-result.js';
import { createRedactor } from '../results/redact.js';
import type { ContainerEngine } from '../sandbox/container-engine.js';
import type { TrialSettings } from '../trial/trial.js';
import { createVerifier } from '../verifier/create-verifier.js';
import { openDisplay } from './run-display.js';
import { readVersion } from './version.js';

export interface OracleCheckOptions {
  readonly engine: ContainerEngine;
  /** Folder that takes the two job folders. */
  readonly resultsDir: string;
  readonly concurrency: number;
  readonly pull: TrialSettings['pull'];
  readonly forceBuild: boolean;
  /** Host variables that tasks may interpolate. */
  readonly hostEnv: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/**
 * Runs the reference solution and nothing at all on every task that can be run, as two ordinary jobs, and says
 * where the solution does not earn 1 or nothing earns more than 0. A task without a solution runs nothing only:
 * `checkTask` has said that it ships none.
 */
export async function runOracleCheck(dataset: Dataset, options: OracleCheckOptions): Promise<CheckFinding[]> {
  const runnable = runnableTasks(dataset.tasks).tasks;
  const solved = runnable.filter((task) => task.solution.dir !== null);
  const stamp = new Date().toISOString().slice(0, 19).replace('T', '__').replaceAll(':', '-');
  const oracle = await runOne('oracle', solved, { dataset, stamp, options });
  const nop = await runOne('nop', runnable, { dataset, stamp, options });
  const unsolved = runnable.length - solved.length;
  const tally = `${count(oracle, isSolved)} of ${solved.length} solutions earn 1; doing nothing earns 0 on ${count(nop, isUntouched)} of ${runnable.length} tasks; ${unsolved} ship no solution; jobs in ${options.resultsDir}/${stamp}__${dataset.name}__check-*`;
  return [
    ...oracle.flatMap(oracleFinding),
    ...nop.flatMap(nopFinding),
    { task: '', level: 'note', text: tally },
  ];
}

function count(results: readonly TrialResult[], test: (result: TrialResult) => boolean): number {
  return results.filter(test).length;
}

function isSolved(result: TrialResult): boolean {
  return (rewardOf(result) ?? 0) >= 1;
}

function isUntouched(result: TrialResult): boolean {
  return (rewardOf(result) ?? 1) <= 0;
}

interface Round {
  readonly dataset: Dataset;
  readonly stamp: string;
  readonly options: OracleCheckOptions;
}

async function runOne(kind: 'oracle' | 'nop', tasks: readonly Task[], round: Round): Promise<TrialResult[]> {
  if (tasks.length === 0) return [];
  const { dataset, stamp, options } = round;
  const name = `${stamp}__${dataset.name}__check-${kind}`;
  const request: JobRequest = {
    name,
    dir: `${options.resultsDir}/${name}`,
    dataset,
    tasks,
    attempts: 1,
    agentKind: kind,
    harness: null,
    settings: checkSettings(options),
    concurrency: options.concurrency,
    retries: 2,
    notes: { purpose: 'tasks check --oracle' },
  };
  const results: TrialResult[] = [];
  using display = openDisplay();
  const emit = (event: JobEvent): void => {
    display.show(event);
    if (event.kind === 'trial-end') results.push(event.result);
  };
  const tools: JobTools = {
    engine: options.engine,
    agent: createAgent(kind, {
      version: readVersion(),
      harness: null,
      models: null,
      hostEnv: options.hostEnv,
    }),
    verifier: createVerifier(options.hostEnv),
    redact: createRedactor([]),
    emit,
  };
  await runJob(request, tools, options.signal);
  return results;
}

function checkSettings({ pull, forceBuild, hostEnv }: OracleCheckOptions): TrialSettings {
  return {
    timeoutMultiplier: 1,
    clock: 'wall',
    pull,
    forceBuild,
    keepSandboxes: false,
    hostEnv,
    shellEnv: {},
    outputLimits: { head: 5_000, tail: 5_000 },
    verifier: { retries: 1, negativeControl: 'off', isolated: 'off', rewardPrecedence: 'json' },
    model: null,
    version: readVersion(),
  };
}

function oracleFinding(result: TrialResult): CheckFinding[] {
  const reward = rewardOf(result);
  if (reward === null) return [unmeasured(result, 'solution')];
  const text = `the solution fails: reward ${reward}`;
  return isSolved(result) ? [] : [{ task: result.task_name, level: 'error', text }];
}

function nopFinding(result: TrialResult): CheckFinding[] {
  const reward = rewardOf(result);
  if (reward === null) return [unmeasured(result, 'nop run')];
  const text = `doing nothing earns ${reward}`;
  return isUntouched(result) ? [] : [{ task: result.task_name, level: 'error', text }];
}

function unmeasured(result: TrialResult, what: string): CheckFinding {
  const why = result.exception_info?.exception_message.split('\n')[0] ?? 'the tests gave no reward';
  return { task: result.task_name, level: 'error', text: `the ${what} got no verdict: ${why}` };
}

function rewardOf(result: TrialResult): number | null {
  const rewards = Object.values(result.verifier_result?.rewards ?? {});
  return result.verifier_result?.rewards['reward'] ?? (rewards.length === 0 ? null : Math.min(...rewards));
}
