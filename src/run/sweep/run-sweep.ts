import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { z } from 'zod';
import { CancelledError, EnvironmentError, InputError, TbenchError } from '../../base/errors.js';
import { jobConfigSchema } from '../../record/job-config.js';
import { isBrokenByInfrastructure, outcomeOf } from '../../record/outcome.js';
import type { Sweep } from '../../record/sweep.js';
import { trialResultSchema } from '../../record/trial-result.js';
import { trialName } from '../../results/layout.js';
import { readJson } from '../../results/read-file.js';
import { writeJson } from '../../results/write-file.js';
import { slug } from '../jobs/job-name.js';
import type { Revision } from './choose-revisions.js';
import type { RevisionServer } from './serve-revision.js';

export interface SweepRequest {
  /** Folder of the sweep, which takes a job folder for each revision. */
  readonly dir: string;
  readonly model: string;
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
  /** Revisions that were there and passed over, at this start or an earlier one. */
  readonly passed: () => readonly string[];
  /** Takes up those that are new, and returns these; notes those that are passed over. */
  readonly add: (
    revisions: readonly Revision[],
    passed?: readonly string[],
  ) => Promise<readonly SweepEntry[]>;
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
  let passed = known?.passed ?? [];
  let saving = Promise.resolve();
  // One after the other: of two at once the older might be written last.
  const save = (): Promise<void> => {
    const next = saving.then(() =>
      writeJson(join(request.dir, 'sweep.json'), sweepOf(request, { entries, passed })),
    );
    saving = next.catch(() => undefined);
    return next;
  };
  const noteCommand = async ({ revision }: SweepEntry, command: string): Promise<void> => {
    entries = entries.map((entry) =>
      entry.revision === revision
        ? { ...entry, server_commands: [...new Set([...entry.server_commands, command])] }
        : entry,
    );
    await save();
  };
  return {
    entries: () => entries,
    passed: () => passed,
    async add(revisions, over = []) {
      const added = revisions
        .filter(({ revision }) => !entries.some((entry) => entry.revision === revision))
        .map(({ revision, commit }) => ({ revision, commit, job: slug(revision), server_commands: [] }));
      for (const { revision, commit } of revisions) tellMoved(entries, { revision, commit }, tools);
      refuseSameJob([...entries, ...added]);
      entries = [...entries, ...added];
      const taken = new Set(entries.map(({ revision }) => revision));
      passed = [...new Set([...passed, ...over])].filter((revision) => !taken.has(revision));
      await save();
      return added;
    },
    evaluate: (chosen, attempts = request.attempts) =>
      evaluateAll(chosen, { request, tools, attempts, noteCommand }),
  };
}

function sweepOf(
  request: SweepRequest,
  { entries, passed }: { readonly entries: readonly SweepEntry[]; readonly passed: readonly string[] },
): Sweep {
  return {
    kind: 'tbench-sweep',
    schema_version: 1,
    tbench_version: request.version,
    model: request.model,
    revisions: entries,
    passed,
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
  /** Keeps how a revision is served, before anything is measured of it. */
  readonly noteCommand: (entry: SweepEntry, command: string) => Promise<void>;
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
  { request, tools, attempts, noteCommand }: Evaluation,
): Promise<void> {
  const { revision, job } = entry;
  if (await isFinished(join(request.dir, job), attempts)) {
    tools.tell(`${revision}: finished already`);
    return;
  }
  tools.tell(`${revision}: waiting for its server`);
  await using server = await tools.serve(revision, slot);
  if (server.command !== null) await noteCommand(entry, server.command);
  tools.tell(`${revision}: evaluated at ${server.baseUrl}`);
  await tools.evaluate(entry, server, attempts);
}

const totalsSchema = z.looseObject({ finished_at: z.string().nullish() });

/**
 * Whether all of the first `attempts` attempts are made and none of them is to be made again: the job has ended, or it was
 * broken off over further attempts.
 */
async function isFinished(dir: string, attempts: number): Promise<boolean> {
  const totals = await readJson(dir, 'result.json', totalsSchema);
  if (totals.kind !== 'value') return false;
  const config = await readJson(dir, 'config.json', jobConfigSchema);
  const planned = config.kind === 'value' ? config.value : null;
  const hasEnded = typeof totals.value.finished_at === 'string';
  if (!hasEnded && (planned?.n_attempts ?? 0) <= attempts) return false;
  if (planned !== null && planned.n_attempts < attempts) return false;
  const made = new Set<string>();
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const trial = await readJson(dir, join(entry.name, 'result.json'), trialResultSchema);
    if (trial.kind !== 'value' || trial.value.tbench.attempt > attempts) continue;
    if (isBrokenByInfrastructure(outcomeOf(trial.value))) return false;
    made.add(entry.name);
  }
  const asked = Array.from({ length: attempts }, (_, index) => index + 1);
  return (
    hasEnded ||
    (planned?.tbench.tasks ?? []).every(({ name }) =>
      asked.every((attempt) => made.has(trialName(name, attempt))),
    )
  );
}
