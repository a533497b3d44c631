import { packageDigest, taskChecksum } from '../dataset/digest.js';
import type { TrialSource } from '../trial/trial.js';
import type { JobRequest } from './job.js';

/** Origin and digests of every task of a job, by name: what the records pin. Reads every file of the tasks. */
export async function describeSources(
  request: Pick<JobRequest, 'dataset' | 'tasks'>,
): Promise<ReadonlyMap<string, TrialSource>> {
  const sources = new Map<string, TrialSource>();
  for (const task of request.tasks) {
    const [digest, checksum] = await Promise.all([packageDigest(task.dir), taskChecksum(task.dir)]);
    sources.set(task.name, {
      dataset: request.dataset.name,
      origin: request.dataset.origin,
      digest,
      checksum,
    });
  }
  return sources;
}

/** The digests as a job's config.json lists them. */
export function taskEntries(
  sources: ReadonlyMap<string, TrialSource>,
): { readonly name: string; readonly digest: string; readonly checksum: string }[] {
  return [...sources].map(([name, { digest, checksum }]) => ({ name, digest, checksum }));
}
