import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../base/errors.js';
import { isBrokenByInfrastructure, outcomeOf } from '../../record/outcome.js';
import type { Sweep } from '../../record/sweep.js';
import { trialResultSchema } from '../../record/trial-result.js';
import { readJson } from '../../results/read-file.js';
import { writeJson } from '../../results/write-file.js';
import { slug } from '../job-name.js';
import type { RevisionServer } from './serve-revision.js';

export interface SweepRequest {
  /** Folder of the sweep, which takes a job folder for each revision. */
  readonly dir: string;
  readonly model: string;
  readonly revisions: readonly string[];
  readonly version: string;
}

export interface SweepTools {
  /** A server of the revision, already running or started for it; closed after its job. */
  readonly serve: (revision: string) => Promise<RevisionServer>;
  /** Runs, or continues, the job of that name in the sweep's folder against a server. */
  readonly evaluate: (job: string, baseUrl: string) => Promise<void>;
  readonly tell: (line: string) => void;
}

/**
 * Evaluates revision after revision, one job each under one folder; only one server at a time. May be broken off
 * at any point: a further start passes over finished jobs without a server and continues the one that was under way.
 * Revisions are added to those of earlier starts. Returns what sweep.json holds.
 */
export async function runSweep(
  request: SweepRequest,
  tools: SweepTools,
  known: Sweep | null,
): Promise<Sweep> {
  if (known !== null && known.model !== request.model)
    throw new InputError(`the sweep in ${request.dir} is of ${known.model}, not of ${request.model}`);
  const earlier = known?.revisions ?? [];
  const added = request.revisions
    .filter((revision) => !earlier.some((entry) => entry.revision === revision))
    .map((revision) => ({ revision, job: slug(revision) }));
  const sweep: Sweep = {
    kind: 'tbench-sweep',
    schema_version: 1,
    tbench_version: request.version,
    model: request.model,
    revisions: [...earlier, ...added],
  };
  const jobs = sweep.revisions.map(({ job }) => job);
  const twice = jobs.find((job, index) => jobs.indexOf(job) < index);
  if (twice !== undefined) throw new InputError(`two revisions would have the job folder ${twice}`);
  await mkdir(request.dir, { recursive: true });
  await writeJson(join(request.dir, 'sweep.json'), sweep);
  for (const { revision, job } of sweep.revisions) {
    if (await isFinished(join(request.dir, job))) {
      tools.tell(`${revision}: finished already`);
      continue;
    }
    tools.tell(`${revision}: waiting for its server`);
    await using server = await tools.serve(revision);
    tools.tell(`${revision}: evaluated at ${server.baseUrl}`);
    await tools.evaluate(job, server.baseUrl);
  }
  return sweep;
}

const totalsSchema = z.looseObject({ finished_at: z.string().nullish() });

/** Ended, and no trial of it is to be made again. */
async function isFinished(dir: string): Promise<boolean> {
  const read = await readJson(dir, 'result.json', totalsSchema);
  if (read.kind !== 'value' || typeof read.value.finished_at !== 'string') return false;
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const trial = await readJson(dir, join(entry.name, 'result.json'), trialResultSchema);
    if (trial.kind === 'value' && isBrokenByInfrastructure(outcomeOf(trial.value))) return false;
  }
  return true;
}
