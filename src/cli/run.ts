import { ClosingStack } from '../base/closing-stack.js';
import { CancelledError, InputError } from '../base/errors.js';
import { plural } from '../base/plural.js';
import { safeJson } from '../base/safe-text.js';
import type { JobReport } from '../job/job.js';
import type { JobSummary } from '../record/job-summary.js';
import type { RunSpec } from '../record/run-spec.js';
import { scoresToJson } from '../report/score/score-json.js';
import { renderScoreTable } from '../report/score/table.js';
import { renderDryRun } from '../report/tasks/dry-run-report.js';
import { readJob } from '../review/read-job.js';
import { tellApart } from '../review/tell-apart.js';
import { dryRun } from '../run/dry-run.js';
import { slug } from '../run/jobs/job-name.js';
import { openRun, type Run } from '../run/open-run.js';
import type { HostVariables } from '../base/host-variables.js';
import { scoreJob } from '../score/job/score-job.js';
import { listenForInterrupt } from './interrupt.js';
import { complainAboutUnmeasured } from './complain-about-unmeasured.js';
import { withEnvFiles } from './options/env-file.js';
import { printEvaluation, readEvaluationFile } from './options/evaluation-file.js';
import { queueUrl } from './options/queue-option.js';
import { openDisplay } from './run-display.js';
import { paceOfDecision, printDecision, readDecision, type DecisionAsked } from './run-decision.js';
import { describeRunCommand, type RunOptions } from './run-options.js';
import { runSpecsFromOptions } from './run-spec-from-options.js';
import { print, tell } from './tell.js';
import { terminalWidth } from './terminal-width.js';
import { appendAll } from '../base/append-all.js';

/** `tbench run`. */
export function runCommand() {
  const command = describeRunCommand();
  return command.action(async ({ config }) => {
    if (config !== undefined) await readEvaluationFile(command, config);
    const options = command.opts();
    if (options.printConfig) print(printEvaluation(command));
    else await runOrSay(options);
  });
}

async function runOrSay(options: RunOptions): Promise<void> {
  const env = await withEnvFiles(options.envFile ?? [], process.env);
  const specs = runSpecsFromOptions(options, env);
  if (options.dryRun) {
    using interrupt = listenForInterrupt();
    await sayWhatWouldRun(specs, options.json, { env, signal: interrupt.signal, tell });
    return;
  }
  await runAndPrint(specs, options, { env, decision: await readDecision(options) });
}

/** Where a run is made, and how it is told of. */
type RunPlace = Pick<RunOptions, 'adopt' | 'json' | 'results'> &
  Partial<Pick<RunOptions, 'engine' | 'job' | 'queue'>>;

/** Makes the runs and prints their table, or the decision that was asked for. */
export async function runAndPrint(
  specs: readonly RunSpec[],
  options: RunPlace,
  { env, decision }: { readonly env: HostVariables; readonly decision: DecisionAsked | null },
): Promise<void> {
  const { dirs, reports, stopped } = await runJobs(specs, options, { env, decision });
  const jobs = await readRecorded(dirs, stopped !== null);
  const hasTable = jobs.length > 0 || stopped === null;
  if (hasTable && (decision === null || !options.json)) printScores(jobs, options.json);
  for (const dir of dirs) tell(`results in ${dir}`);
  for (const { name, cancelled } of reports) tellCancelled(name, cancelled);
  if (stopped !== null) throw stopped;
  if (decision === null) complainAboutUnmeasured(reports, 'The same command with the same --job');
  else process.exitCode = printDecision(jobs, decision, options.json);
}

async function sayWhatWouldRun(
  specs: readonly RunSpec[],
  asJson: boolean,
  surroundings: Parameters<typeof dryRun>[1],
): Promise<void> {
  const jobs: Awaited<ReturnType<typeof dryRun>>[number][] = [];
  for (const spec of specs) appendAll(jobs, await dryRun(spec, surroundings));
  const text = asJson ? safeJson({ jobs }) : renderDryRun(jobs);
  print(`${text.trimEnd()}\n`);
}

function tellCancelled(job: string, cancelled: readonly string[]): void {
  if (cancelled.length === 0) return;
  const named = cancelled.length > 5 ? `${cancelled.slice(0, 5).join(', ')} …` : cancelled.join(', ');
  tell(
    `${plural(cancelled.length, 'trial')} cancelled by hand, without a verdict: ${named} (tbench resume ${job} makes them)`,
  );
}

/** How a run came to its end. */
interface RunEnd {
  readonly dirs: readonly string[];
  readonly reports: readonly JobReport[];
  /** Set when a person stopped it. */
  readonly stopped: CancelledError | null;
}

/** The queue's packages are loaded where a queue is named: they take a third of a second. */
async function openAnywhere(
  spec: RunSpec,
  queue: string | null,
  place: Parameters<typeof openRun>[1],
): Promise<Run> {
  if (queue === null) return openRun(spec, place);
  const { openQueuedRun } = await import('../run/queue/open-queued-run.js');
  return openQueuedRun(spec, queue, place);
}

/** Everything up to the table: all runs are opened, and so checked, before the first starts. All is closed when it is printed. */
async function runJobs(
  specs: readonly RunSpec[],
  options: RunPlace,
  { env, decision }: { readonly env: HostVariables; readonly decision: DecisionAsked | null },
): Promise<RunEnd> {
  using display = openDisplay();
  using interrupt = listenForInterrupt({ say: display.tell });
  await using opened = new ClosingStack();
  using _closing = interrupt.closeBeforeQuitting(opened);
  const runs: Run[] = [];
  for (const spec of specs) {
    const queue = queueUrl(options.queue, env);
    const place = {
      env,
      engine: options.engine ?? null,
      resultsDir: options.results,
      jobName: nameOfJob(spec, options, specs.length > 1),
      adopts: options.adopt,
      signal: interrupt.signal,
      tell: display.tell,
    };
    runs.push(opened.use(await openAnywhere(spec, queue, place)));
  }
  const planned = runs.flatMap(({ jobs }) => jobs);
  const dirs = planned.map(({ dir }) => dir);
  const paceOf = decision === null ? undefined : paceOfDecision(decision, planned);
  const reports: JobReport[] = [];
  try {
    for (const run of runs) appendAll(reports, await run.start(display.show, paceOf));
    return { dirs, reports, stopped: null };
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
    return { dirs, reports, stopped: error };
  }
}

/** `--job`; with several models each one's job has its model's name behind that. */
function nameOfJob({ agent }: RunSpec, options: RunPlace, isOneOfSeveral: boolean): string | null {
  const job = options.job ?? null;
  const isNamedByModel = job !== null && isOneOfSeveral && agent.kind === 'model';
  return isNamedByModel ? `${job}__${slug(agent.model.name)}` : job;
}

/** The jobs as recorded; of a run that was stopped only those that have come to a trial. */
async function readRecorded(dirs: readonly string[], isPart: boolean): Promise<JobSummary[]> {
  const jobs: JobSummary[] = [];
  for (const dir of dirs) {
    try {
      appendAll(jobs, await readJob(dir));
    } catch (error) {
      if (!isPart || !(error instanceof InputError)) throw error;
    }
  }
  return tellApart(jobs).filter((job) => !isPart || job.trials.length > 0);
}

function printScores(jobs: readonly JobSummary[], asJson: boolean): void {
  const scores = jobs.map((job) => scoreJob(job));
  const text = asJson
    ? `${safeJson(scoresToJson(scores))}\n`
    : renderScoreTable(scores, { width: terminalWidth() });
  print(text);
}
