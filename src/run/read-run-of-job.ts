import { basename, dirname, resolve } from 'node:path';
import { InputError } from '../base/errors.js';
import { jobConfigSchema } from '../record/job-config.js';
import type { RunSpec, RunSpecInput } from '../record/run-spec.js';
import { readJson } from '../results/read-file.js';
import { parseRunSpec } from './parse-run-spec.js';

/** The run that a recorded job was part of, narrowed to that job. */
export interface RunOfJob {
  readonly spec: RunSpec;
  readonly name: string;
  readonly resultsDir: string;
}

/** Reads what the job in `dir` was asked for. Throws `InputError` where its config.json does not say. */
export async function readRunOfJob(dir: string): Promise<RunOfJob> {
  const path = resolve(dir);
  const read = await readJson(path, 'config.json', jobConfigSchema);
  const own = read.kind === 'value' ? read.value.tbench : null;
  if (own?.run === undefined)
    throw new InputError(`${dir} does not say how it was run`, {
      hint: 'Give its `tbench run` command again with --job NAME: it continues what is unfinished.',
    });
  const run = parseRunSpec(own.run as unknown as RunSpecInput);
  const { name } = own.dataset;
  const dataset = run.datasets.length === 1 ? run.datasets[0] : run.datasets.find(isNamed(name));
  if (dataset === undefined)
    throw new InputError(`${dir} is of dataset ${name}, which its run does not name`);
  return { spec: { ...run, datasets: [dataset] }, name: basename(path), resultsDir: dirname(path) };
}

function isNamed(name: string): (dataset: string) => boolean {
  return (dataset) => dataset === name || basename(dataset) === name || dataset.split('@')[0] === name;
}
