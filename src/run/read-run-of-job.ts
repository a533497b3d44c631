import { basename, dirname, resolve } from 'node:path';
import { InputError } from '../base/errors.js';
import { jobConfigSchema, type JobConfig } from '../record/job-config.js';
import { findDataset } from '../dataset/load-dataset.js';
import type { DatasetPlaces } from '../dataset/source/places.js';
import type { RunSpec, RunSpecInput } from '../record/run-spec.js';
import { readJson } from '../results/read-file.js';
import { parseRunSpec } from './parse-run-spec.js';

/** The run that a recorded job was part of, narrowed to that job. */
export interface RunOfJob {
  readonly config: JobConfig;
  readonly spec: RunSpec;
  readonly name: string;
  readonly resultsDir: string;
}

/** Reads what the job in `dir` was asked for. Throws `InputError` where its config.json does not say. */
export async function readRunOfJob(dir: string, places: DatasetPlaces): Promise<RunOfJob> {
  const path = resolve(dir);
  const read = await readJson(path, 'config.json', jobConfigSchema);
  if (read.kind !== 'value' || read.value.tbench.run === undefined)
    throw new InputError(`${dir} does not say how it was run`, {
      hint: 'Give its `tbench run` command again with --job NAME: it continues what is unfinished.',
    });
  const { tbench: own } = read.value;
  const run = parseRunSpec(own.run as unknown as RunSpecInput);
  const dataset = await datasetOfJob(run.datasets, own.dataset.name, places);
  return {
    config: read.value,
    spec: { ...run, datasets: [dataset] },
    name: basename(path),
    resultsDir: dirname(path),
  };
}

/** Of the datasets that a run names, each in its own way, the one that is the job's. */
async function datasetOfJob(asked: readonly string[], name: string, places: DatasetPlaces): Promise<string> {
  const [only] = asked;
  if (only !== undefined && asked.length === 1) return only;
  for (const dataset of asked) {
    const reference = await findDataset(dataset, places).catch(whenUnknown);
    if (reference?.name === name) return dataset;
  }
  throw new InputError(
    `the job is of dataset ${name}, and none of those that its run names is it here: ${asked.join(', ')}`,
    { hint: 'Give its `tbench run` command again with --job NAME, where its datasets can be found.' },
  );
}

/** One of several that is not here any more is no reason to give up. */
function whenUnknown(error: unknown): null {
  if (error instanceof InputError) return null;
  throw error;
}
