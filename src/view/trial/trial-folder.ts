import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrialSummary } from '../../record/trial-summary.js';
import type { ShelvedJob } from '../job-shelf.js';

/**
 * The folder of a recorded trial. Terminal-Bench 1 keeps it below its task's, mini-swe-agent under its instance's name, and
 * their readers do not tell it. Names come from a stranger's file: only plain ones, and only real folders. Null for none.
 */
export async function trialFolder(
  job: Pick<ShelvedJob, 'dir'>,
  { dir, task, name }: TrialSummary,
): Promise<string | null> {
  if (dir !== null) return dir;
  for (const names of [[task, name], [name]]) {
    const steps = names.map((_, index) => join(job.dir, ...names.slice(0, index + 1)));
    if (!names.every(isPlain)) continue;
    const found = await Promise.all(steps.map((step) => lstat(step).catch(() => null)));
    if (found.every((entry) => entry?.isDirectory() === true)) return steps.at(-1) ?? null;
  }
  return null;
}

function isPlain(name: string): boolean {
  return name !== '' && !/^\.+$/.test(name) && !/[/\\\0]/.test(name);
}
