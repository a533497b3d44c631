import { basename, join } from 'node:path';
import { stat } from 'node:fs/promises';
import { InputError } from '../base/errors.js';
import { stepNumber } from '../record/step-number.js';
import { sweepSchema, type Sweep } from '../record/sweep.js';
import { readJson } from '../results/read-file.js';
import type { CurveStep } from '../score/checkpoints/curve.js';
import { sideOfJob } from '../score/comparison/comparison-side.js';
import { findFolder } from './find-folder.js';
import { readOneJob } from './find-jobs.js';

/** The steps of one training run, and what it is called. */
export interface TrainingRun {
  readonly name: string;
  readonly steps: readonly CurveStep[];
}

/**
 * Reads the jobs of a training run: job folders or names, `STEP=JOB`, or folders of `tbench sweep`. Without a step of
 * its own a job stands at the number after "step" in its revision, model or name, else at its place in the list.
 */
export async function readTrainingRun(names: readonly string[], results: string): Promise<TrainingRun> {
  const entries = (await Promise.all(names.map((name) => entriesOf(name, results)))).flat();
  const steps: CurveStep[] = [];
  for (const [index, { label, job }] of entries.entries()) {
    const summary = await readOneJob(job, results);
    const at = stepNumber(label) ?? stepNumber(summary.model ?? '') ?? stepNumber(summary.name) ?? index + 1;
    const side = sideOfJob(summary);
    steps.push({ label: label === '' ? String(at) : label, at, side });
  }
  const twice = steps.find((step, index) => steps.findIndex(({ at }) => at === step.at) < index);
  if (twice !== undefined)
    throw new InputError(`two jobs stand at step ${twice.at}`, { hint: 'Name steps: 20=JOB 40=JOB' });
  const first = names[0] ?? '';
  return { name: names.length === 1 ? basename(first) : (steps[0]?.side.model ?? basename(first)), steps };
}

/** `sweep.json` of a folder; null where there is none. */
export async function readSweep(dir: string): Promise<Sweep | null> {
  if ((await stat(dir).catch(() => null))?.isDirectory() !== true) return null;
  const read = await readJson(dir, 'sweep.json', sweepSchema);
  if (read.kind === 'problem') throw new InputError(`${read.problem.path} ${read.problem.message}`);
  return read.kind === 'value' ? read.value : null;
}

async function entriesOf(name: string, results: string): Promise<{ label: string; job: string }[]> {
  const named = /^(\d+|[a-z]+[_-]?\d+)=(.+)$/i.exec(name);
  if (named?.[1] !== undefined && named[2] !== undefined) return [{ label: named[1], job: named[2] }];
  const dir = await findFolder(name, results);
  const sweep = await readSweep(dir);
  if (sweep === null) return [{ label: '', job: name }];
  const there = await Promise.all(
    sweep.revisions.map(async ({ revision, job }) => {
      const path = join(dir, job);
      return (await stat(path).catch(() => null)) === null ? [] : [{ label: revision, job: path }];
    }),
  );
  return there.flat();
}
