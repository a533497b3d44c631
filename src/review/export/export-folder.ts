import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { InputError } from '../../base/errors.js';
import { makeFolder } from '../../base/files/make-folder.js';
import type { JobSummary } from '../../record/job-summary.js';
import type { TrialSummary } from '../../record/trial-summary.js';
import { readConversation } from '../../results/formats/read-conversation.js';
import type { TrialLock } from '../../results/formats/harbor/lock.js';
import { writeFileAtomic } from '../../results/write-file.js';
import { atifTrial } from './atif-trial.js';
import { plainJob, plainTrial } from './plain-harbor.js';
import type { Clean } from './redact-for-sharing.js';

/** Where and how a job is written once more. */
export interface FolderExport {
  /** `harbor`: only the keys and files that Harbor knows; `atif`: the trajectories alone. */
  readonly format: 'harbor' | 'atif';
  /** Folder to write, made where it is missing. */
  readonly out: string;
  readonly clean: Clean;
}

/** Writes a folder a trial; returns how many trials have no readable trajectory. Throws `InputError` when `out` is a file. */
export async function exportFolder(
  job: JobSummary,
  trials: readonly TrialSummary[],
  { format, out, clean }: FolderExport,
): Promise<number> {
  await makeOutFolder(out);
  const put = (path: string, value: unknown): Promise<void> =>
    writeFileAtomic(join(out, path), `${JSON.stringify(clean(value), null, 2)}\n`);
  const locks: TrialLock[] = [];
  let without = 0;
  for (const trial of trials) {
    const { dir } = trial;
    if (dir === null) continue;
    // The folder's own name: the name in the record may hold anything, also a path.
    const name = basename(dir);
    const conversation = await readConversation(dir);
    const trajectory = conversation === null ? null : atifTrial(job, trial, conversation);
    if (trajectory === null) without += 1;
    else await put(join(name, 'agent', 'trajectory.json'), trajectory);
    if (format === 'atif') continue;
    const { files, lock } = await plainTrial({ ...trial, dir }, name);
    if (lock !== null) locks.push(lock);
    for (const [path, value] of files) await put(path, value);
    if (trial.reward === null) continue;
    await writeFileAtomic(join(out, name, 'verifier', 'reward.txt'), `${trial.reward}\n`);
  }
  if (format === 'harbor') for (const [path, value] of await plainJob(job, locks)) await put(path, value);
  return without;
}

async function makeOutFolder(out: string): Promise<void> {
  if ((await stat(out).catch(() => null))?.isFile() === true)
    throw new InputError(`${out} is a file, not a folder`);
  await makeFolder(out);
}
