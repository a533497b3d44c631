import { isPassing } from '../record/reward.js';
import type { CheckFinding } from '../dataset/check/check-task.js';
import { missingVariables } from '../dataset/resolve-env.js';
import { shipsSolution, type Dataset, type Task } from '../dataset/task.js';
import type { JobEvent } from '../record/event.js';
import { runnableTasks } from '../job/plan.js';
import type { RunSpec } from '../record/run-spec.js';
import type { TrialEnd } from '../record/trial-end.js';
import type { ContainerEngine } from '../sandbox/container-engine.js';
import { withHostRefusals } from './datasets/host-refusals.js';
import { pickVariables } from './local/local-settings.js';
import { parseRunSpec } from './parse-run-spec.js';
import { prepareRun } from './prepare-run.js';
import { jobStamp, slug } from './jobs/job-name.js';
import type { Surroundings } from './surroundings.js';

/** What the two jobs of a check are made with; all else is as in `tbench run`. */
export interface SolutionCheck {
  readonly dataset: Dataset;
  readonly engine: ContainerEngine;
  readonly concurrency: RunSpec['concurrency'];
  readonly trial: Pick<RunSpec['trial'], 'pull' | 'forceBuild' | 'passedVariables'>;
  readonly surroundings: Omit<Surroundings, 'jobName' | 'engine'>;
  readonly emit: (event: JobEvent) => void;
}

/**
 * Runs the reference solution and nothing at all on every task that can be run, as two ordinary jobs, and says
 * where the solution does not earn 1 or nothing earns more than 0. A task without a solution runs nothing only:
 * `checkTask` has said that it ships none.
 */
export async function checkSolutions(check: SolutionCheck): Promise<CheckFinding[]> {
  const { surroundings } = check;
  const dataset = await withHostRefusals(check.dataset, check.engine);
  const { tasks } = runnableTasks(dataset.tasks);
  const hostEnv = pickVariables(check.trial.passedVariables, surroundings.env);
  const unset = tasks.flatMap((task) =>
    missingVariables(task, hostEnv, { solves: true }).map(({ text }) => ({ task: task.name, text })),
  );
  const runnable = tasks.filter(({ name }) => !unset.some(({ task }) => task === name));
  const solved = runnable.filter(shipsSolution);
  const name = `${jobStamp()}__${slug(dataset.name)}__check`;
  const oracle = await runOne(check, 'oracle', solved, name);
  const nop = await runOne(check, 'nop', runnable, name);
  const unsolved = runnable.length - solved.length;
  const tally = `${count(oracle, isSolved)} of ${solved.length} solutions earn 1; doing nothing earns 0 on ${count(nop, isUntouched)} of ${runnable.length} tasks; ${unsolved} ship no solution; jobs in ${surroundings.resultsDir}/${name}-*`;
  return [
    ...unset.map(({ task, text }): CheckFinding => ({ task, level: 'error', text: `${text} (--pass-env)` })),
    ...oracle.flatMap(oracleFinding),
    ...nop.flatMap(nopFinding),
    { task: '', level: 'note', text: tally },
  ];
}

async function runOne(
  { dataset, engine, concurrency, trial, surroundings, emit }: SolutionCheck,
  kind: 'oracle' | 'nop',
  tasks: readonly Task[],
  name: string,
): Promise<TrialEnd[]> {
  if (tasks.length === 0) return [];
  const spec = parseRunSpec({ datasets: [dataset.name], attempts: 1, agent: { kind }, concurrency, trial });
  // What is broken or odd in the dataset is a finding already.
  const datasets = [{ ...dataset, tasks, broken: [], warnings: [] }];
  const jobName = `${name}-${kind}`;
  const run = await prepareRun(spec, { engine, datasets, served: null }, { ...surroundings, jobName });
  const results: TrialEnd[] = [];
  await run.start((event) => {
    if (event.kind === 'trial-end') results.push(event.end);
    emit(event);
  });
  return results;
}

function count(results: readonly TrialEnd[], test: (result: TrialEnd) => boolean): number {
  return results.filter(test).length;
}

function isSolved(result: TrialEnd): boolean {
  return isPassing(result.reward ?? 0);
}

function isUntouched(result: TrialEnd): boolean {
  return (result.reward ?? 1) <= 0;
}

function oracleFinding(result: TrialEnd): CheckFinding[] {
  const { reward } = result;
  if (reward === null) return [unmeasured(result, 'solution')];
  const text = `the solution fails: reward ${reward}`;
  return isSolved(result) ? [] : [{ task: result.task, level: 'error', text }];
}

function nopFinding(result: TrialEnd): CheckFinding[] {
  const { reward } = result;
  if (reward === null) return [unmeasured(result, 'nop run')];
  const text = `doing nothing earns ${reward}`;
  return isUntouched(result) ? [] : [{ task: result.task, level: 'error', text }];
}

function unmeasured(result: TrialEnd, what: string): CheckFinding {
  const why = result.exception?.message ?? 'the tests gave no reward';
  return { task: result.task, level: 'error', text: `the ${what} got no verdict: ${why}` };
}
