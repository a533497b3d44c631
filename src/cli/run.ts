import { EnvironmentError } from '../base/errors.js';
import type { JobReport } from '../job/job.js';
import { scoresToJson } from '../report/score/score-json.js';
import { renderScoreTable } from '../report/score/table.js';
import { readJob } from '../review/read-job.js';
import { openRun } from '../run/open-run.js';
import { scoreJob } from '../score/job/score-job.js';
import { listenForInterrupt, type Interrupt } from './interrupt.js';
import { openDisplay } from './run-display.js';
import { describeRunCommand, type RunOptions } from './run-options.js';
import { runSpecFromOptions } from './run-spec-from-options.js';
import { terminalWidth } from './terminal-width.js';

/** `tbench run`. */
export function runCommand() {
  return describeRunCommand().action(async (options) => {
    using interrupt = listenForInterrupt();
    const reports = await runJobs(options, interrupt);
    await printScores(reports, options.json);
    process.stderr.write(reports.map((report) => `results in ${report.dir}\n`).join(''));
    complainAboutUnmeasured(reports);
  });
}

/** Everything up to the table. What was opened is closed when the table is printed. */
async function runJobs(options: RunOptions, interrupt: Interrupt): Promise<readonly JobReport[]> {
  const { env } = process;
  using display = openDisplay();
  await using run = await openRun(runSpecFromOptions(options, env), {
    env,
    engine: options.engine ?? null,
    resultsDir: options.results,
    jobName: options.job ?? null,
    signal: interrupt.signal,
    tell: display.tell,
  });
  using _closing = interrupt.closeBeforeQuitting(run);
  return await run.start(display.show);
}

async function printScores(reports: readonly JobReport[], asJson: boolean): Promise<void> {
  const jobs = await Promise.all(reports.map((report) => readJob(report.dir)));
  const scores = jobs.flat().map((job) => scoreJob(job));
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
