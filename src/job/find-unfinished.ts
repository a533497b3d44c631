import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { jobPaths } from '../results/layout.js';
import { readJson } from '../results/read-file.js';
import { jobConfigSchema, type JobConfig } from '../record/job-config.js';
import { buildJobConfig, configDifferences } from './job-config.js';
import type { JobRequest } from './job.js';
import { isClaimed } from './store/job-claim.js';
import { describeSources } from './task-sources.js';

/** The request under the name of the unfinished job it continues, or as it is when there is none. */
export async function continueUnfinished(request: JobRequest): Promise<JobRequest> {
  const resultsDir = dirname(request.dir);
  const wanted = buildJobConfig(request, await describeSources(request), { jobId: '', tasks: [] });
  const name = await findUnfinished(resultsDir, wanted);
  return name === null ? request : { ...request, name, dir: join(resultsDir, name) };
}

/**
 * The newest job of a results folder that is the same thing as `wanted`, was started, did not finish, and that no
 * living process works on; its folder name, or null. Lets the same command, given again after a crash or a
 * Ctrl-C, pick up where it left off.
 */
async function findUnfinished(resultsDir: string, wanted: JobConfig): Promise<string | null> {
  const names = (await readdir(resultsDir).catch(() => [])).sort().reverse();
  for (const name of names) {
    const paths = jobPaths(join(resultsDir, name));
    const config = jobConfigSchema.safeParse(await readJsonQuietly(paths.dir, 'config.json'));
    if (!config.success || !samePlan(config.data, wanted)) continue;
    const totals = (await readJsonQuietly(paths.dir, 'result.json')) as { finished_at?: unknown } | null;
    if (totals !== null && totals.finished_at !== null) continue;
    if (!(await isClaimed(paths))) return name;
  }
  return null;
}

/** Stricter than continuing by name: a command that asks for other tasks or attempts means a job of its own. */
function samePlan(found: JobConfig, wanted: JobConfig): boolean {
  const names = (config: JobConfig): string =>
    config.tbench.tasks
      .map((task) => task.name)
      .sort()
      .join('\n');
  return (
    configDifferences(found, wanted).length === 0 &&
    found.n_attempts === wanted.n_attempts &&
    names(found) === names(wanted)
  );
}

/** Anything unreadable here is somebody else's file, and not ours to complain about. */
async function readJsonQuietly(dir: string, name: string): Promise<unknown> {
  const read = await readJson(dir, name, z.unknown());
  return read.kind === 'value' ? read.value : null;
}
