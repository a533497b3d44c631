import { isTable } from '../../base/json-value.js';
import { join } from 'node:path';
import { z } from 'zod';
import type { JobSummary } from '../../record/job-summary.js';
import type { TrialSummary } from '../../record/trial-summary.js';
import {
  jobLock,
  jobLockSchema,
  trialLock,
  trialLockSchema,
  type TrialLock,
} from '../../results/formats/harbor/lock.js';
import { readJson } from '../../results/read-file.js';

const table = z.record(z.string(), z.unknown());

/** A file of the export: its path in the folder, and what it holds. */
export type PlainFile = readonly [path: string, value: unknown];

/** config.json, result.json and lock.json of a trial with what Harbor knows of them; a record that is none is left out. */
export async function plainTrial(
  { dir, taskDigest }: TrialSummary & { readonly dir: string },
  name: string,
): Promise<{ readonly files: readonly PlainFile[]; readonly lock: TrialLock | null }> {
  const [config, result, stored] = [
    await readRecord(dir, 'config.json'),
    await readRecord(dir, 'result.json'),
    await readJson(dir, 'lock.json', trialLockSchema),
  ];
  const lock = stored.kind === 'value' ? stored.value : lockOf(config, taskDigest);
  const files = Object.entries({ 'config.json': config, 'result.json': result, 'lock.json': lock });
  return {
    files: files.flatMap(([file, value]) => (value === null ? [] : [[join(name, file), value] as const])),
    lock,
  };
}

/** The same of a job, whose trials have these locks. */
export async function plainJob(job: JobSummary, trials: readonly TrialLock[]): Promise<readonly PlainFile[]> {
  const [config, result] = [
    await readRecord(job.dir, 'config.json'),
    await readRecord(job.dir, 'result.json'),
  ];
  const stored = await readJson(job.dir, 'lock.json', jobLockSchema);
  const asked = plan.safeParse(config);
  const lock =
    stored.kind === 'value'
      ? { ...stored.value, trials }
      : jobLock({
          createdAt: job.startedAt ?? new Date(0).toISOString(),
          concurrency: asked.data?.n_concurrent_trials ?? 1,
          retries: asked.data?.retry?.max_retries ?? 0,
          trials,
        });
  const files: PlainFile[] = trials.length === 0 ? [] : [['lock.json', lock]];
  if (config !== null) files.push(['config.json', config]);
  if (result !== null) files.push(['result.json', result]);
  return files;
}

const plan = z.object({
  n_concurrent_trials: z.number().int().positive().nullish(),
  retry: z.object({ max_retries: z.number().int().nonnegative().nullish() }).nullish(),
});

async function readRecord(dir: string, file: string): Promise<Record<string, unknown> | null> {
  const read = await readJson(dir, file, table);
  if (read.kind !== 'value') return null;
  const { tbench: _own, integrity: _judged, ...known } = read.value;
  return acceptable(known);
}

/** Null for a trial of before 0.2 that is not ours: nobody wrote down which files its task had. */
function lockOf(config: Record<string, unknown> | null, digest: string | null): TrialLock | null {
  if (config === null || digest === null || !/^sha256:[0-9a-f]{64}$/.test(digest)) return null;
  try {
    return trialLock(config, { digest, version: null, verifierMode: 'shared' });
  } catch {
    return null;
  }
}

/**
 * A record as Harbor 0.26 takes it: a task or a dataset has a path or a name, and a ref only beside a name. Records
 * of tbench 0.1.0 had all of them; Harbor refused every one.
 */
function acceptable(record: Record<string, unknown>): Record<string, unknown> {
  const { task, datasets, config } = record;
  return {
    ...record,
    ...(isTable(task) ? { task: oneSource(task) } : {}),
    ...(Array.isArray(datasets)
      ? { datasets: datasets.map((one: unknown) => (isTable(one) ? oneSource(one) : one)) }
      : {}),
    ...(isTable(config) ? { config: acceptable(config) } : {}),
  };
}

function oneSource(source: Record<string, unknown>): Record<string, unknown> {
  if (typeof source['path'] !== 'string') return source;
  return { ...source, name: null, ...('ref' in source ? { ref: null } : {}) };
}
