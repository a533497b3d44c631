import { join } from 'node:path';
import { loadManifest } from '../dataset/source/manifest.js';
import type { JobSummary } from '../record/job-summary.js';
import { readConversation } from '../results/formats/read-conversation.js';
import { shortName, type CheckFacts } from '../score/published/check-rules.js';
import { publishedDataset } from '../score/published/leaderboard.js';

/** What the leaderboard's rules are held against. */
export interface CheckSetting {
  /** Attempts needed at every task. */
  readonly attempts: number;
  /** A `dataset.toml` with the pinned digests; the shipped one of the job's dataset otherwise. */
  readonly manifest?: string | undefined;
  /** Folder of the shipped datasets. */
  readonly shippedDir: string;
}

/** Reads what the leaderboard's rules need beside the job itself. */
export async function readCheckFacts(job: JobSummary, setting: CheckSetting): Promise<CheckFacts> {
  return {
    pinned: await pinnedDigests(job, setting),
    withTrajectory: await trialsWithTrajectory(job),
    attempts: setting.attempts,
  };
}

/** Digests by task; null when no manifest is known. */
async function pinnedDigests(
  job: JobSummary,
  { manifest: file, shippedDir }: CheckSetting,
): Promise<Map<string, string[]> | null> {
  const known = publishedDataset(job.dataset);
  const path = file ?? (known === null ? null : join(shippedDir, known, 'dataset.toml'));
  if (path === null) return null;
  const manifest = await loadManifest(path);
  return new Map(
    manifest.tasks.map((task) => [
      shortName(task.name),
      [task.digest, task.checksum].filter((digest) => digest !== null),
    ]),
  );
}

async function trialsWithTrajectory(job: JobSummary): Promise<Set<string>> {
  const rewarded = job.trials.filter((trial) => trial.effectiveReward > 0 && trial.dir !== null);
  const names = new Set<string>();
  for (const trial of rewarded) {
    const conversation = await readConversation(trial.dir ?? '');
    if (conversation?.format === 'atif') names.add(trial.name);
  }
  return names;
}
