import { randomUUID } from 'node:crypto';
import { rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeFolder } from '../../base/files/make-folder.js';
import { InputError } from '../../base/errors.js';
import type { JobConfig } from '../../record/job-config.js';
import { trialEndOf } from '../../record/trial-end.js';
import { copyRecord } from '../../trial/copy-record.js';
import { jobLockSchema } from '../../results/formats/harbor/lock.js';
import { jobPaths, type JobPaths } from '../../results/layout.js';
import { privateModes } from '../../results/private-modes.js';
import { readJson } from '../../results/read-file.js';
import { writeError, writeJson } from '../../results/write-file.js';
import { openEventLog } from '../store/event-log.js';
import { jobTotals } from '../store/job-totals.js';
import { checkParts } from './check-parts.js';
import { readPart, type JobPart } from './read-part.js';
import { appendAll } from '../../base/append-all.js';

/** What came of a merge. */
export interface MergeReport {
  readonly dir: string;
  readonly parts: number;
  readonly trials: number;
  /** Files of the parts that are no regular files and were not copied. */
  readonly leftOut: readonly string[];
}

/**
 * Joins the finished parts of one plan into the folder `out`, which appears whole or not at all; the parts stay as they
 * are. Throws `InputError` when something is missing, doubled or different, or `out` is there already.
 */
export async function mergeJobs(
  dirs: readonly string[],
  out: string,
  signal: AbortSignal,
): Promise<MergeReport> {
  if ((await stat(out).catch(() => null)) !== null) throw new InputError(`${out} is there already`);
  const parts: JobPart[] = [];
  for (const dir of dirs) {
    signal.throwIfAborted();
    parts.push(await readPart(dir));
  }
  checkParts(parts);
  const unfinished = join(dirname(out), `.${basename(out)}.${randomUUID()}.merge`);
  await makeFolder(unfinished, privateModes.folder).catch((error: unknown) => {
    throw writeError(unfinished, error);
  });
  try {
    const leftOut: string[] = [];
    for (const { dir, trial } of parts.flatMap(trialsOf)) {
      signal.throwIfAborted();
      const left = await copyRecord(join(dir, trial), join(unfinished, trial));
      appendAll(
        leftOut,
        left.map((path) => `${trial}/${path}`),
      );
    }
    await writeJobFiles(parts, jobPaths(unfinished), basename(out));
    await rename(unfinished, out);
    return { dir: out, parts: parts.length, trials: parts.flatMap(trialsOf).length, leftOut };
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

function trialsOf({ dir, trials }: JobPart): { dir: string; trial: string }[] {
  return trials.map(({ trial_name: trial }) => ({ dir, trial }));
}

/** The files that tell of the job as a whole, as one start that made every trial would have left them. */
async function writeJobFiles(parts: readonly JobPart[], paths: JobPaths, name: string): Promise<void> {
  const config = wholeConfig(parts, name);
  const ends = parts.flatMap(({ trials }) => trials).map(trialEndOf);
  const total = ends.length;
  const startedAt = parts.map((part) => part.startedAt).reduce((a, b) => (a < b ? a : b));
  const finishedAt = parts.map((part) => part.finishedAt).reduce((a, b) => (a > b ? a : b));
  await writeJson(paths.config, config);
  await writeJson(paths.lock, await wholeLock(parts));
  const done = new Map(ends.map((end) => [end.trial, end]));
  await writeJson(
    paths.result,
    jobTotals({ config, done, cancelled: new Set(), total, startedAt, finishedAt }),
  );
  await using log = await openEventLog(paths, (text) => text);
  log.add({ kind: 'job-start', job: name, total, reused: total });
  for (const { dir, shard, trials } of parts)
    log.add({ kind: 'job-note', text: `part ${shard.index}/${shard.of} of ${trials.length} trials: ${dir}` });
  for (const end of ends) log.add({ kind: 'trial-reused', end });
  log.add({ kind: 'job-end', job: name });
  await log.flush();
}

function wholeConfig([first]: readonly JobPart[], name: string): JobConfig {
  if (first === undefined) throw new InputError('no part is named');
  const { config } = first;
  const { run } = config.tbench;
  const tbench = { ...config.tbench, job_id: randomUUID(), run: { ...run, shard: null } };
  return { ...config, job_name: name, tbench };
}

/** The first part's lock with the trials of all. A part of another program may lack it. */
async function wholeLock(parts: readonly JobPart[]): Promise<unknown> {
  const locks = [];
  for (const { dir } of parts) {
    const read = await readJson(dir, 'lock.json', jobLockSchema);
    if (read.kind === 'value') locks.push(read.value);
  }
  return { ...locks[0], trials: locks.flatMap(({ trials }) => trials) };
}
