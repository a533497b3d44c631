import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { z } from 'zod';
import { CancelledError, EnvironmentError, InputError, TbenchError } from '../../base/errors.js';
import { jobConfigSchema } from '../../record/job-config.js';
import { isBrokenByInfrastructure, outcomeOf } from '../../record/outcome.js';
import type { Sweep } from '../../record/sweep.js';
import { trialResultSchema } from '../../record/trial-result.js';
import { readJson } from '../../results/read-file.js';
import { writeJson } from '../../results/write-file.js';
import { slug } from '../jobs/job-name.js';
import type { Revision } from './choose-revisions.js';
import type { RevisionServer } from './serve-revision.js';

export interface SweepRequest {
  /** Folder of the sweep, which takes a job folder for each revision. */
  readonly dir: string;
  readonly model: string;
  readonly serveCommand: string | null;
  readonly attempts: number;
  /** Revisions served and evaluated at once. */
  readonly servers: number;
  readonly version: string;
}

export type SweepEntry = Sweep['revisions'][number];

export interface SweepTools {
  /** A server of the revision, already running or started for it; closed after its job. `slot` counts from 0 those at once. */
  readonly serve: (revision: string, slot: number) => Promise<RevisionServer>;
  /** Runs, or continues, the job of a revision against its server. */
  readonly evaluate: (entry: SweepEntry, server: RevisionServer, attempts: number) => Promise<void>;
  readonly tell: (line: string) => void;
}

/** A sweep's folder that revisions are added to and evaluated in. May be broken off at any point and opened again. */
export interface OpenSweep {
  /** All revisions, those of earlier starts first. */
  readonly entries: () => readonly SweepEntry[];
  /** Takes up those that are new, and returns these. */
  readonly add: (revisions: readonly Revision[]) => Promise<readonly SweepEntry[]>;
  /**
   * One job each, several at once if so asked; passes over finished ones without a server. What fails of one revision
   * does not keep the others: `EnvironmentError` names the failed ones in the end.
   */
  readonly evaluate: (entries: readonly SweepEntry[], attempts?: number) => Promise<void>;
}

export async function openSweep(
  request: SweepRequest,
  tools: SweepTools,
  known: Sweep | null,
): Promise<OpenSweep> {
  if (known !== null && known.model !== request.model)
    throw new InputError(`the sweep in ${request.dir} is of ${known.model}, not of ${request.model}`);
  await mkdir(request.dir, { recursive: true });
  let entries = known?.revisions ?? [];
  return {
    entries: () => entries,
    async add(revisions) {
      const added = revisions
        .filter(({ revision }) => !entries.some((entry) => entry.revision === revision))
        .map(({ revision, commit }) => ({ revision, commit, job: slug(revision) }));
      for (const { revision, commit } of revisions) tellMoved(entries, { revision, commit }, tools);
      refuseSameJob([...entries, ...added]);
      entries = [...entries, ...added];
      await writeJson(join(request.dir, 'sweep.json'), sweepOf(request, entries));
      return added;
    },
    evaluate: (chosen, attempts = request.attempts) => evaluateAll(chosen, { request, tools, attempts }),
  };
}

function sweepOf(request: SweepRequest, revisions: readonly SweepEntry[]): Sweep {
  return {
    kind: 'tbench-sweep',
    schema_version: 1,
    tbench_version: request.version,
    model: request.model,
    serve_command: request.serveCommand,
    revisions,
  };
}

function refuseSameJob(entries: readonly SweepEntry[]): void {
  const jobs = entries.map(({ job }) => job);
  const twice = jobs.find((job, index) => jobs.indexOf(job) < index);
  if (twice !== undefined) throw new InputError(`two revisions would have the job folder ${twice}`);
}

/** A branch that was pushed to since: what was measured of it is of another model than what it names now. */
function tellMoved(entries: readonly SweepEntry[], now: Revision, { tell }: SweepTools): void {
  const before = entries.find(({ revision }) => revision === now.revision)?.commit ?? null;
  if (before === null || now.commit === null || before === now.commit) return;
  tell(
    `${now.revision} was ${before.slice(0, 12)} when it was taken up and is ${now.commit.slice(0, 12)} now; its job stays`,
  );
}

interface Evaluation {
  readonly request: SweepRequest;
  readonly tools: SweepTools;
  readonly attempts: number;
}

async function evaluateAll(entries: readonly SweepEntry[], evaluation: Evaluation): Promise<void> {
  const { request, tools } = evaluation;
  const free = Array.from({ length: request.servers }, (_, slot) => slot);
  const failed: string[] = [];
  const broken: Error[] = [];
  const one = async (entry: SweepEntry): Promise<void> => {
    if (broken.length > 0) return;
    const slot = free.shift() ?? 0;
    try {
      await evaluateOne(entry, slot, evaluation);
    } catch (error) {
      // Bad input and Ctrl-C are of the whole sweep, a server that does not start is of its revision.
      if (!(error instanceof TbenchError) || error instanceof InputError || error instanceof CancelledError)
        broken.push(error instanceof Error ? error : new Error(String(error)));
      else
        tools.tell(
          `${entry.revision}: ${error.message}${error.hint === undefined ? '' : ` (${error.hint})`}`,
        );
      failed.push(entry.revision);
    } finally {
      free.unshift(slot);
    }
  };
  const limit = pLimit(request.servers);
  await Promise.all(entries.map((entry) => limit(() => one(entry))));
  const [first] = broken;
  if (first !== undefined) throw first;
  if (failed.length > 0)
    throw new EnvironmentError(
      `${failed.length} of ${entries.length} revisions were not evaluated: ${failed.join(', ')}`,
      { hint: 'What is finished is kept; the same command goes on with these.' },
    );
}

async function evaluateOne(
  entry: SweepEntry,
  slot: number,
  { request, tools, attempts }: Evaluation,
): Promise<void> {
  const { revision, job } = entry;
  if (await isFinished(join(request.dir, job), attempts)) {
    tools.tell(`${revision}: finished already`);
    return;
  }
  tools.tell(`${revision}: waiting for its server`);
  await using server = await tools.serve(revision, slot);
  tools.tell(`${revision}: evaluated at ${server.baseUrl}`);
  await tools.evaluate(entry, server, attempts);
}

const totalsSchema = z.looseObject({ finished_at: z.string().nullish() });

/** Ended with at least so many attempts, and no trial of it is to be made again. */
async function isFinished(dir: string, attempts: number): Promise<boolean> {
  const read = await readJson(dir, 'result.json', totalsSchema);
  if (read.kind !== 'value' || typeof read.value.finished_at !== 'string') return false;
  const config = await readJson(dir, 'config.json', jobConfigSchema);
  if (config.kind === 'value' && config.value.n_attempts < attempts) return false;
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const trial = await readJson(dir, join(entry.name, 'result.json'), trialResultSchema);
    if (trial.kind === 'value' && isBrokenByInfrastructure(outcomeOf(trial.value))) return false;
  }
  return true;
}
