import { Command } from '@commander-js/extra-typings';
import { InputError } from '../base/errors.js';
import { safeJson } from '../base/safe-text.js';
import type { JobSummary } from '../record/job-summary.js';
import type { TrialSummary } from '../record/trial-summary.js';
import type { Replay, ReplayedTrial } from '../record/replay-check.js';
import { renderRepeatability } from '../report/score/repeatability-text.js';
import { addReplay } from '../review/replay-check-file.js';
import { readOneJob } from '../review/find-jobs.js';
import { readReplayableJob, replayTrials, type ReplayableJob } from '../run/replay-trials.js';
import { readVersion } from '../run/version.js';
import { measureRepeatability } from '../score/noise/repeatability.js';
import { createRandom, shuffle } from '../score/statistics/random.js';
import { defaultResultsDir } from './default-results-dir.js';
import { complainAboutUnmeasured } from './complain-about-unmeasured.js';
import { exitCodes } from './exit-code.js';
import { listenForInterrupt, type Interrupt } from './interrupt.js';
import { parseCount } from './options/parse-values.js';
import { sandboxOptions } from './options/sandbox-options.js';
import { openDisplay } from './run-display.js';
import { print } from './tell.js';

const examples = `
No model is needed: the recorded turns answer. What is found is kept in the job's replay-check.json, adds up over several
checks, and is told by \`tbench score\`. The replays are jobs of their own beside it, JOB__replay-1 and so on.

Examples:
  tbench replay-check my-job --sample 20             20 trials, drawn at random
  tbench replay-check my-job --sample 10 --times 3   each of 10 trials three times
  tbench replay-check my-job --json

Exit codes: 0 every verdict was the recorded one, 1 some were not, 2 wrong usage, 3 the surroundings failed.`;

/** `tbench replay-check JOB`. */
export function replayCheckCommand() {
  return new Command('replay-check')
    .description('Plays recorded turns again in fresh sandboxes and says how far the verdicts repeat.')
    .argument('<job>', 'a job folder of tbench, or a name under --results')
    .option('--sample <n>', 'only so many trials, drawn at random (default: all)', parseCount)
    .option('--times <n>', 'how often each is played', parseCount, 1)
    .option('--seed <n>', 'draws the sample', parseCount, 1)
    .option('-d, --dataset <name or path>', 'where its tasks are now (default: where they were)')
    .addOption(sandboxOptions.concurrency())
    .addOption(sandboxOptions.engine())
    .addOption(sandboxOptions.passEnv())
    .option('-o, --results <dir>', 'where job names are looked up', defaultResultsDir)
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action(async (name, flags) => {
      using interrupt = listenForInterrupt();
      const job = await readOneJob(name, flags.results);
      const { sample = null, dataset = null, engine = null, seed, concurrency } = flags;
      const passedVariables = flags.passEnv ?? [];
      let replays: readonly Replay[] = [];
      const chosen = await sampleTrials(job, sample, seed);
      for (let time = 0; time < flags.times; time += 1)
        replays = await replayOnce({ job, chosen, dataset, engine, concurrency, passedVariables }, interrupt);
      const found = measureRepeatability(replays);
      if (found === null) throw new InputError('nothing was played again');
      print(flags.json === true ? `${safeJson(found)}\n` : renderRepeatability(job.name, found));
      if (found.changedTrials.length > 0) process.exitCode = exitCodes.no;
      else complainAboutUnplayed(replays.at(-1));
    });
}

/** A trial that infrastructure kept from a verdict was not compared: that is no repeated verdict. */
function complainAboutUnplayed(replay: Replay | undefined): void {
  const unmeasured = (replay?.trials ?? [])
    .filter(({ replayed }) => replayed === null)
    .map(({ trial }) => trial);
  complainAboutUnmeasured([{ unmeasured }], 'The same command');
}

/** Trials to be played again, of a job that can be. */
export interface ChosenTrials {
  readonly replayable: ReplayableJob;
  readonly trials: readonly TrialSummary[];
}

/** A seeded sample of the trials that have a verdict and recorded turns; all of them where `size` is null. */
export async function sampleTrials(
  job: JobSummary,
  size: number | null,
  seed: number,
): Promise<ChosenTrials> {
  const replayable = await readReplayableJob(job.dir);
  const trials = job.trials
    .filter(({ measured, task, attempt }) => measured && replayable.hasTurns(task, attempt ?? 1))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  if (trials.length === 0) throw new InputError(`no trial of ${job.name} has a verdict and recorded turns`);
  const places = trials.map((_, index) => index);
  shuffle(places, createRandom(seed));
  const drawn = places.slice(0, size ?? trials.length).flatMap((place) => trials[place] ?? []);
  return { replayable, trials: drawn };
}

export interface ReplayOnceRequest {
  readonly job: JobSummary;
  readonly chosen: ChosenTrials;
  readonly dataset: string | null;
  readonly engine: string | null;
  readonly concurrency: number;
  readonly passedVariables: readonly string[];
}

/** Plays the chosen trials once, keeps what came of them with the job, and returns all its replays. */
export async function replayOnce(
  { job, chosen, engine, ...choice }: ReplayOnceRequest,
  interrupt: Interrupt,
): Promise<readonly Replay[]> {
  using display = openDisplay();
  const names = new Set(chosen.trials.map((trial) => trial.name));
  const { report, diverged } = await replayTrials(
    { job: chosen.replayable, trials: names, ...choice },
    { env: process.env, engine, signal: interrupt.signal, tell: display.tell },
    display.show,
  );
  const again = await readOneJob(report.dir, report.dir);
  const trials = chosen.trials.map((trial): ReplayedTrial => {
    const replayed = again.trials.find((other) => other.name === trial.name);
    return {
      trial: trial.name,
      task: trial.task,
      recorded: trial.effectiveReward,
      replayed: replayed?.measured === true ? replayed.effectiveReward : null,
      diverged: diverged.get(trial.name) ?? 0,
    };
  });
  const at = new Date().toISOString();
  return await addReplay(job.dir, { job: report.name, at, tbench_version: readVersion(), trials });
}
