import { CancelledError, EnvironmentError, InputError } from '../base/errors.js';
import type { JobReport } from '../job/job.js';
import type { JobSummary } from '../record/job-summary.js';
import { scoresToJson } from '../report/score/score-json.js';
import { renderScoreTable } from '../report/score/table.js';
import { readJob } from '../review/read-job.js';
import { tellApart } from '../review/tell-apart.js';
import { openRun } from '../run/open-run.js';
import { scoreJob } from '../score/job/score-job.js';
import { listenForInterrupt } from './interrupt.js';
import { openDisplay } from './run-display.js';
import { describeRunCommand, type RunOptions } from './run-options.js';
import { runSpecFromOptions } from './run-spec-from-options.js';
import { terminalWidth } from './terminal-width.js';

/** `tbench run`. */
export function runCommand() {
  return describeRunCommand().action(async (options) => {
    const { dirs, reports, stopped } = await runJobs(options);
    const jobs = await readRecorded(dirs, stopped !== null);
    if (jobs.length > 0 || stopped === null) printScores(jobs, options.json);
    process.stderr.write(dirs.map((dir) => `results in ${dir}\n`).join(''));
    if (stopped !== null) throw stopped;
    complainAboutUnmeasured(reports);
  });
}

/** How a run came to its end. */
interface RunEnd {
  readonly dirs: readonly string[];
  readonly reports: readonly JobReport[];
  /** Set when a person stopped it. */
  readonly stopped: CancelledError | null;
}

/** Everything up to the table. What was opened is closed when the table is printed. */
async function runJobs(options: RunOptions): Promise<RunEnd> {
  const { env } = process;
  using display = openDisplay();
  using interrupt = listenForInterrupt({ say: display.tell });
  await using run = await openRun(runSpecFromOptions(options, env), {
    env,
    engine: options.engine ?? null,
    resultsDir: options.results,
    jobName: options.job ?? null,
    signal: interrupt.signal,
    tell: display.tell,
  });
  using _closing = interrupt.closeBeforeQuitting(run);
  const dirs = run.jobs.map(({ dir }) => dir);
  try {
    return { dirs, reports: await run.start(display.show), stopped: null };
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
    return { dirs, reports: [], stopped: error };
  }
}

/** The jobs as recorded; of a run that was stopped only those that have come to a trial. */
async function readRecorded(dirs: readonly string[], isPart: boolean): Promise<JobSummary[]> {
  const jobs: JobSummary[] = [];
  for (const dir of dirs) {
    try {
      jobs.push(...(await readJob(dir)));
    } catch (error) {
      if (!isPart || !(error instanceof InputError)) throw error;
    }
  }
  return tellApart(jobs).filter((job) => !isPart || job.trials.length > 0);
}

function printScores(jobs: readonly JobSummary[], asJson: boolean): void {
  const scores = jobs.map((job) => scoreJob(job));
  const text = asJson
    ? `${JSON.stringify(scoresToJson(scores), null, 2)}\n`
    : renderScoreTable(scores, { width: terminalWidth() });
  process.stdout.write(text);
}

/** Trials that infrastructure broke for good leave a table that is not whole: the exit code says so. */
function complainAboutUnmeasured(reports: readonly JobReport[]): void {
  const missing = reports.flatMap((report) => report.unmeasured);
  if (missing.length === 0) return;
  throw new EnvironmentError(`${missing.length} trials have no verdict: ${missing.slice(0, 5).join(', ')}`, {
    hint: 'See exception.txt in their folders. The same command with the same --job makes them again.',
  });
}
