import { stat } from 'node:fs/promises';
import { InputError } from '../../base/errors.js';
import { readJobStatus, type JobStatus } from '../live/job-status.js';
import { readLiveJob } from '../live/read-live-job.js';
import { auditFolder, type FolderAudit } from './folder-audit.js';
import { readTrialStory, type TrialStory } from './trial-story.js';
import { trialFolders } from './trial-folders.js';

/** What a folder has to tell: the story of one trial, the audit of a job's trials, or where a job stands that has none yet. */
export type Story =
  | { readonly kind: 'trial'; readonly story: TrialStory }
  | { readonly kind: 'job'; readonly audit: FolderAudit }
  | { readonly kind: 'begun'; readonly status: JobStatus };

/** Reads the story of a trial folder or a job folder; of a job without a result yet, where it stands. Throws `InputError` for any other path. */
export async function readStory(dir: string): Promise<Story> {
  if ((await stat(dir).catch(() => null))?.isDirectory() !== true) {
    throw new InputError(`no trial or job folder at ${dir}`, {
      hint: 'Name a folder that holds a result.json.',
    });
  }
  const trials = await trialFolders(dir);
  if (trials.length > 0) return { kind: 'job', audit: await auditFolder(dir, trials) };
  if ((await readLiveJob(dir)) !== null)
    return { kind: 'begun', status: await readJobStatus(dir, new Date()) };
  return { kind: 'trial', story: await readTrialStory(dir) };
}
