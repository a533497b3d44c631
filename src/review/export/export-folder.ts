import { mkdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../base/errors.js';
import type { JobSummary } from '../../record/job-summary.js';
import type { TrialSummary } from '../../record/trial-summary.js';
import { readConversation } from '../../results/formats/read-conversation.js';
import { readJson } from '../../results/read-file.js';
import { writeFileAtomic } from '../../results/write-file.js';
import { atifTrial } from './atif-trial.js';
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
  await makeFolder(out);
  const put = (path: string, value: unknown): Promise<void> =>
    writeFileAtomic(join(out, path), `${JSON.stringify(clean(value), null, 2)}\n`);
  if (format === 'harbor') await copyRecords(job.dir, '', put);
  let without = 0;
  for (const trial of trials) {
    if (trial.dir === null) continue;
    // The folder's own name: the name in the record may hold anything, also a path.
    const name = basename(trial.dir);
    const conversation = await readConversation(trial.dir);
    if (conversation === null) without += 1;
    else await put(join(name, 'agent', 'trajectory.json'), atifTrial(job, trial, conversation));
    if (format === 'atif') continue;
    await copyRecords(trial.dir, name, put);
    if (trial.reward === null) continue;
    await writeFileAtomic(join(out, name, 'verifier', 'reward.txt'), `${trial.reward}\n`);
  }
  return without;
}

async function makeFolder(out: string): Promise<void> {
  if ((await stat(out).catch(() => null))?.isFile() === true)
    throw new InputError(`${out} is a file, not a folder`);
  await mkdir(out, { recursive: true });
}

const ownKeys: readonly string[] = ['tbench', 'integrity'];

/** Hands on config.json and result.json without the keys that only tbench knows; a file that is missing or no record is passed over. */
async function copyRecords(
  from: string,
  to: string,
  put: (path: string, value: unknown) => Promise<void>,
): Promise<void> {
  for (const file of ['config.json', 'result.json']) {
    const read = await readJson(from, file, z.record(z.string(), z.unknown()));
    if (read.kind !== 'value') continue;
    const entries = Object.entries(read.value);
    await put(join(to, file), Object.fromEntries(entries.filter(([key]) => !ownKeys.includes(key))));
  }
}
