import { tableSchema } from '../../base/table-schema.js';
import { ownOf } from '../../base/json-value.js';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { openForeignFile, readRange } from '../../base/foreign-file.js';
import { foreignCount } from './foreign-number.js';
import { emptyJob } from './empty-job.js';
import { leadingMembers } from './leading-members.js';
import { emptyTrial, resolvedAs } from './empty-trial.js';
import type { JobSummary, Problem } from '../../record/job-summary.js';
import type { TrialSummary } from '../../record/trial-summary.js';
import { maxConversationBytes, readJson, type FileRead, type FolderListing } from '../read-file.js';
import type { Ending } from '../../record/ending.js';

const trajectorySchema = z.object({
  instance_id: z.string().nullish(),
  info: z
    .object({
      exit_status: z.string().nullish(),
      mini_version: z.string().nullish(),
      model_stats: z.object({ api_calls: foreignCount }).nullish().catch(null),
      config: z.object({ model: z.object({ model_name: z.string().nullish() }).nullish() }).nullish(),
    })
    .nullish(),
});
type MiniTrajectory = z.infer<typeof trajectorySchema>;

/** The report that an evaluation of the predictions writes beside them: which instances were resolved. */
const reportSchema = z.object({
  resolved_ids: z.array(z.string()),
  unresolved_ids: z.array(z.string()).nullish(),
});

const predictionsSchema = tableSchema(z.object({ model_name_or_path: z.string().nullish() }));

const endings: Readonly<Record<string, Ending>> = {
  Submitted: 'submitted',
  LimitsExceeded: 'turn-limit',
  ContextWindowExceededError: 'context-window',
  RepeatedFormatError: 'format-errors',
  TimeExceeded: 'agent-timeout',
};

/**
 * Reads a mini-swe-agent batch folder: `<id>/<id>.traj.json` (or `*.traj.json` side by side) and preds.json.
 * It has one attempt an instance and no verifier: rewards come from a report with `resolved_ids` in the same
 * folder, and are missing, not 0, when there is none.
 */
export async function readMiniSweAgent(listing: FolderListing): Promise<JobSummary> {
  const problems: Problem[] = [];
  const keep = <T>(read: FileRead<T>): T | null => {
    if (read.kind === 'problem') problems.push(read.problem);
    return read.kind === 'value' ? read.value : null;
  };
  const report = await findReport(listing);
  const predictions =
    keep(await readJson(listing.path, 'preds.json', predictionsSchema, maxConversationBytes)) ?? {};
  const found = new Map<string, MiniTrajectory | null>(Object.keys(predictions).map((id) => [id, null]));
  for (const path of await trajectoryPaths(listing)) {
    const trajectory = keep(await readTrajectory(listing.path, path));
    const id = trajectory?.instance_id ?? basename(path, '.traj.json');
    if (trajectory !== null) found.set(id, trajectory);
  }
  const first = [...found.values()].find((trajectory) => trajectory !== null);
  const predicted = Object.values(predictions)[0]?.model_name_or_path;
  const version = first?.info?.mini_version;
  return {
    ...emptyJob(listing.path, 'mini-swe-agent'),
    model: first?.info?.config?.model?.model_name ?? predicted ?? null,
    agent: 'mini-swe-agent',
    harness: {
      name: typeof version === 'string' ? `mini-swe-agent ${version}` : 'mini-swe-agent',
      digest: null,
    },
    attemptsPlanned: 1,
    trials: [...found].map(([id, trajectory]) => toTrial(id, trajectory, report)),
    problems,
  };
}

/** A longer trajectory is read as far as its `info`, which mini-swe-agent writes before the messages. */
const wholeBytes = 1024 * 1024;
const headBytes = 16 * 1024 * 1024;

async function readTrajectory(dir: string, path: string): Promise<FileRead<MiniTrajectory>> {
  const head = await readLongHead(dir, path);
  const parsed = trajectorySchema.safeParse(head === null ? null : leadingMembers(head));
  return parsed.success && parsed.data.info != null
    ? { kind: 'value', value: parsed.data }
    : readJson(dir, path, trajectorySchema, maxConversationBytes);
}

/** The beginning of a long file that ends as a table does; null for a short one, and for one that was torn. */
async function readLongHead(dir: string, path: string): Promise<string | null> {
  const opened = await openForeignFile(dir, path);
  if (opened.kind !== 'file') return null;
  await using file = opened.value;
  const { size } = await file.stat();
  if (size <= wholeBytes) return null;
  const end = await readRange(file, { start: size - 16, length: 16 });
  if (!end.toString('latin1').trimEnd().endsWith('}')) return null;
  const head = await readRange(file, { start: 0, length: wholeBytes });
  const more = leadingMembers(head.toString('utf8'))['info'] === undefined;
  return (more ? await readRange(file, { start: 0, length: Math.min(size, headBytes) }) : head).toString(
    'utf8',
  );
}

/** Relative to the folder. */
async function trajectoryPaths({ path, files, folders }: FolderListing): Promise<string[]> {
  const beside = files.filter((name) => name.endsWith('.traj.json'));
  const nested = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(join(path, folder));
      return names.filter((name) => name.endsWith('.traj.json')).map((name) => join(folder, name));
    }),
  );
  return [...beside, ...nested.flat()];
}

async function findReport({ path, files }: FolderListing): Promise<z.infer<typeof reportSchema> | null> {
  for (const name of files.filter((file) => file.endsWith('.json') && !file.endsWith('.traj.json'))) {
    const read = await readJson(path, name, reportSchema);
    if (read.kind === 'value') return read.value;
  }
  return null;
}

function toTrial(
  id: string,
  trajectory: MiniTrajectory | null,
  report: z.infer<typeof reportSchema> | null,
): TrialSummary {
  const known =
    report !== null && (report.resolved_ids.includes(id) || report.unresolved_ids?.includes(id) === true);
  const exit = trajectory?.info?.exit_status ?? null;
  const ending = exit === null ? null : (ownOf(endings, exit) ?? null);
  return {
    ...emptyTrial(id, id),
    attempt: 1,
    ...resolvedAs('resolved', known ? report.resolved_ids.includes(id) : null),
    ending,
    errorType: exit !== null && ending === null ? exit : null,
    turns: trajectory?.info?.model_stats?.api_calls ?? null,
  };
}
