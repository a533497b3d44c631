import { datasetDigest, taskDigests } from '../dataset/digest.js';
import type { TaskPin } from '../record/job-config.js';
import type { TrialSource } from '../trial/trial.js';
import type { JobRequest } from './job.js';

/** What the files of a job's dataset are. */
export interface JobSources {
  /** Over every task of the dataset, chosen or not. */
  readonly datasetDigest: string;
  /** Origin and digests of the chosen tasks, by name: what the records pin. */
  readonly tasks: ReadonlyMap<string, TrialSource>;
}

/** Reads every file of the dataset's tasks. */
export async function describeSources({
  dataset,
  tasks,
}: Pick<JobRequest, 'dataset' | 'tasks'>): Promise<JobSources> {
  const chosen = new Set(tasks.map(({ name }) => name));
  const sources = new Map<string, TrialSource>();
  const digests: { name: string; digest: string }[] = [];
  for (const { name, dir } of dataset.tasks) {
    const { digest, checksum } = await taskDigests(dir);
    digests.push({ name, digest });
    if (chosen.has(name))
      sources.set(name, { dataset: dataset.name, origin: dataset.origin, digest, checksum });
  }
  return { datasetDigest: datasetDigest(digests), tasks: sources };
}

/** The digests as a job's config.json lists them. */
export function taskPins({ tasks }: JobSources): TaskPin[] {
  return [...tasks].map(([name, { digest, checksum }]) => ({ name, digest, checksum }));
}
