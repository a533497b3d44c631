import { join } from 'node:path';
import type { z } from 'zod';
import type { HarborJobConfig, harborJobResultSchema } from './formats/harbor/harbor-schema.js';
import { distinctTrials } from '../record/distinct-trials.js';
import type { JobSummary, Problem } from '../record/job-summary.js';
import { ownJobConfigSchema } from '../record/job-config.js';
import { readParts } from '../record/read-parts.js';
import type { ModelKind } from '../record/model-kind.js';
import { listOverrides, timeoutMultiplier } from './formats/harbor/overrides.js';
import type { TrialRead } from './formats/harbor/read-trial.js';

export interface FolderOfTrials {
  readonly dir: string;
  /** The job's name: what the user typed, also for a folder that was copied or renamed. */
  readonly folderName: string;
  readonly config: HarborJobConfig | null;
  /** The tasks that a job's lock.json lists; null where it was not read. */
  readonly lockedTasks: readonly string[] | null;
  readonly result: z.infer<typeof harborJobResultSchema> | null;
  readonly reads: readonly { readonly name: string; readonly read: TrialRead }[];
  readonly problems: readonly Problem[];
}

/** One summary for each (agent, model, dataset) found among a folder's trials; usually that is one. */
export function groupTrials(given: FolderOfTrials): JobSummary[] {
  const { copies, ...folder } = withoutCopies(given);
  const groups = new Map<string, TrialRead[]>();
  for (const { read } of folder.reads) {
    if (read.trial === null) continue;
    const key = JSON.stringify([
      agentName(read, folder),
      modelName(read, folder),
      read.stored?.source ?? null,
    ]);
    groups.set(key, [...(groups.get(key) ?? []), read]);
  }
  const shared = {
    incomplete: folder.reads.filter(({ read }) => read.incomplete).map(({ name }) => name),
    problems: [
      ...folder.problems,
      ...folder.reads.flatMap(({ read }) => read.problems),
      ...copies,
      ...mixedUp(folder),
    ],
  };
  const members = groups.size === 0 && folder.config !== null ? [[]] : [...groups.values()];
  return members.map((reads) => ({ ...describeGroup(reads, folder, members.length > 1), ...shared }));
}

function describeGroup(
  reads: readonly TrialRead[],
  folder: FolderOfTrials,
  split: boolean,
): Omit<JobSummary, 'incomplete' | 'problems'> {
  const { config, result } = folder;
  const first = reads[0];
  const own = readOwnConfig(config);
  const isOwn = own !== null || reads.some((read) => read.own !== null);
  const name = folder.folderName;
  const dataset = datasetOf(first, folder);
  const model = modelName(first, folder);
  const agent = agentName(first, folder);
  const trials = reads.flatMap((read) => (read.trial === null ? [] : [read.trial]));
  return {
    name: split
      ? `${name} (${[agent, model, dataset.name].filter((part) => part !== null).join(', ')})`
      : name,
    dir: folder.dir,
    format: isOwn ? 'tbench' : 'harbor',
    model,
    modelKind: own?.modelKind ?? first?.own?.modelKind ?? foreignModelKind(first, agent),
    agent,
    dataset: { ...dataset, digest: own?.datasetDigest ?? null },
    harness: own?.harness ?? (isOwn ? null : harborHarness(first)),
    budgetMode: own?.budgetMode ?? null,
    clockMode: own?.clockMode ?? first?.trial?.clock?.mode ?? null,
    backend: config?.environment?.type ?? first?.stored?.config?.environment?.type ?? null,
    timeoutMultiplier: timeoutMultiplier(config ?? first?.stored?.config),
    overrides: [...new Set([...listOverrides(config), ...trials.flatMap((trial) => trial.overrides)])],
    attemptsPlanned: config?.n_attempts ?? null,
    trialsPlanned: split ? null : plannedOf(folder),
    tasksPlanned: split ? null : (own?.tasks ?? folder.lockedTasks),
    startedAt: result?.started_at ?? null,
    finishedAt: result?.finished_at ?? null,
    cancelled: split ? null : (result?.stats?.n_cancelled_trials ?? null),
    trials,
  };
}

/** The folder with each trial once. */
function withoutCopies(folder: FolderOfTrials): FolderOfTrials & { readonly copies: readonly Problem[] } {
  const trials = folder.reads.flatMap(({ read }) => (read.trial === null ? [] : [read.trial]));
  const distinct = distinctTrials(trials);
  const kept = new Set(distinct.trials);
  const reads = folder.reads.filter(({ read }) => read.trial === null || kept.has(read.trial));
  return { ...folder, reads, copies: distinct.problems };
}

/**
 * What the job says it planned. Where it does not say, a trial whose record cannot be read was planned too; a folder that
 * is not named as one is something else that lies there.
 */
function plannedOf({ reads, result }: FolderOfTrials): number | null {
  const isBroken = ({ name, read }: (typeof reads)[number]): boolean =>
    read.trial === null && !read.incomplete && name.includes('__');
  const broken = reads.filter(isBroken).length;
  const said = result?.n_total_trials ?? null;
  return said !== null || broken === 0
    ? said
    : broken + reads.filter(({ read }) => read.trial !== null).length;
}

function agentName(read: TrialRead | undefined, { config }: FolderOfTrials): string {
  return read?.stored?.agent_info?.name ?? config?.agents?.[0]?.name ?? 'unknown';
}

function modelName(read: TrialRead | undefined, { config }: FolderOfTrials): string | null {
  const stored = read?.stored;
  const info = stored?.agent_info?.model_info;
  const named =
    stored?.config?.agent?.model_name ?? (read === undefined ? config?.agents?.[0]?.model_name : null);
  return named ?? info?.name ?? config?.agents?.[0]?.model_name ?? null;
}

function datasetOf(
  read: TrialRead | undefined,
  { config }: FolderOfTrials,
): { name: string; version: string | null } {
  const source = read?.stored?.source ?? null;
  const datasets = config?.datasets ?? [];
  const listed =
    datasets.find((entry) => entry.name === source) ?? (datasets.length === 1 ? datasets[0] : undefined);
  const fromPath = listed?.path
    ?.split('/')
    .filter((part) => part !== '')
    .at(-1);
  return {
    name: listed?.name ?? source ?? fromPath ?? 'unknown',
    version: listed?.version ?? listed?.ref ?? null,
  };
}

function harborHarness(read: TrialRead | undefined): JobSummary['harness'] {
  const info = read?.stored?.agent_info;
  if (typeof info?.name !== 'string') return null;
  return {
    name: typeof info.version === 'string' ? `${info.name} ${info.version}` : info.name,
    digest: null,
  };
}

/** A plain Harbor copy of a replayed job still names its provider so; a live foreign job says nothing. */
function foreignModelKind(read: TrialRead | undefined, agent: string): ModelKind | null {
  const provider = read?.stored?.agent_info?.model_info?.provider;
  if (provider === 'replay' || provider === 'scripted' || provider === 'calibration') return provider;
  return agent === 'oracle' || agent === 'nop' ? 'none' : null;
}

interface OwnConfig {
  readonly modelKind: ModelKind | null;
  readonly harness: JobSummary['harness'];
  readonly budgetMode: string | null;
  readonly clockMode: string | null;
  readonly datasetDigest: string | null;
  /** Null where a part of them is another job's. */
  readonly tasks: readonly string[] | null;
}

/** What only tbench's config.json says; null for a job that tbench did not make. */
function readOwnConfig(config: HarborJobConfig | null): OwnConfig | null {
  if (config?.tbench === null || config?.tbench === undefined) return null;
  const own = readParts(ownJobConfigSchema, config.tbench);
  return {
    modelKind: own.model_kind,
    harness: own.harness === null ? null : { name: own.harness.name, digest: own.harness.digest },
    budgetMode: describeBudget(own.harness?.budget),
    clockMode: own.clock,
    datasetDigest: own.dataset?.digest ?? null,
    tasks: own.run?.shard == null ? (own.tasks?.map(({ name }) => name) ?? null) : null,
  };
}

/** A recorded token budget as one line, so that it can be read, and two compared as text. */
function describeBudget(budget: unknown): string | null {
  if (typeof budget !== 'object' || budget === null) return null;
  const { whenTight, turnTokens, totalTokens, ...rest }: Record<string, unknown> = { ...budget };
  const known = [
    ...(typeof whenTight === 'string' ? [`${whenTight} when tight`] : []),
    ...(typeof turnTokens === 'number' ? [`${turnTokens} tokens a turn`] : []),
    ...(typeof totalTokens === 'number' ? [`${totalTokens} in all`] : []),
  ];
  const others = Object.entries(rest).map(([key, value]) => `${key} ${String(value)}`);
  return known.length + others.length === 0 ? null : [...known, ...others.sort()].join(', ');
}

/** Several trials of the same task and attempt: the later ones would be double counted, so say it. */
function mixedUp(folder: FolderOfTrials): Problem[] {
  const seen = new Set<string>();
  return folder.reads.flatMap(({ name, read }) => {
    if (read.trial?.attempt === null || read.trial === null) return [];
    const key = JSON.stringify([
      read.trial.task,
      read.trial.attempt,
      modelName(read, folder),
      read.stored?.source,
    ]);
    const repeated = seen.has(key);
    seen.add(key);
    const message = `is a second attempt ${String(read.trial.attempt)} of ${read.trial.task}; both are counted`;
    return repeated ? [{ path: join(folder.dir, name), message }] : [];
  });
}
