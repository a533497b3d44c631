import { stat } from 'node:fs/promises';
import { InputError } from '../../base/errors.js';
import { auditFolder, type FolderAudit } from './folder-audit.js';
import { readTrialStory, type TrialStory } from './trial-story.js';
import { trialFolders } from './trial-folders.js';

/** What a folder has to tell: the story of one trial, or the audit of a job's trials. */
export type Story =
  | { readonly kind: 'trial'; readonly story: TrialStory }
  | { readonly kind: 'job'; readonly audit: FolderAudit };

/** Reads the story of a trial folder or a job folder. Throws `InputError` for any other path. */
export async function readStory(dir: string): Promise<Story> {
  if ((await stat(dir).catch(() => null))?.isDirectory() !== true) {
    throw new InputError(`no trial or job folder at ${dir}`, {
      hint: 'Name a folder that holds a result.json.',
    });
  }
  const trials = await trialFolders(dir);
  return trials.length > 0
    ? { kind: 'job', audit: await auditFolder(dir, trials) }
    : { kind: 'trial', story: await readTrialStory(dir) };
}
