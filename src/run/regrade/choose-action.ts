import type { Task } from '../../dataset/task.js';
import { readStoredEvidence } from '../../record/evidence/evidence.js';
import type { TrialResult } from '../../record/trial-result.js';
import { planArtifacts, type PlannedArtifact } from '../../trial/artifacts/artifact-plan.js';
import { nothingThere } from '../../trial/artifacts/keep-artifact.js';
import { manifestEntry, type ManifestEntry } from '../../trial/artifacts/manifest.js';
import type { FinalState } from '../../trial/final/final-state.js';
import { isVerified } from '../../trial/is-verified.js';

/** What becomes of a recorded trial, and why. */
export interface Choice {
  /** `reuse`: its result holds. `regrade`: its tests are run again. `rerun`: only a new trial can tell. */
  readonly action: 'reuse' | 'regrade' | 'rerun';
  readonly reason: string;
}

export interface RecordedPart {
  readonly result: TrialResult;
  /** `[task].version` of the task at that time. */
  readonly version: string | null;
  /** `artifacts/manifest.json`; null where there is none. */
  readonly manifest: readonly ManifestEntry[] | null;
  /** `final.json`; null where the sandbox was not kept. */
  readonly final: FinalState | null;
}

/**
 * What a new version of its task asks of a recorded trial: Harbor's rules of `--diff` (patch: reuse; minor: regrade; major,
 * pre-release or none: rerun). A task that is what it was is regraded, which shows the noise of its tests; `force` regrades whatever the
 * versions say.
 */
export function chooseAction(
  recorded: RecordedPart,
  task: Task,
  now: { readonly digest: string; readonly force: boolean },
): Choice {
  const wanted: Choice = now.force
    ? { action: 'regrade', reason: 'asked for' }
    : byVersion(recorded, task, now.digest);
  if (wanted.action !== 'regrade') return wanted;
  const obstacle = obstacleTo(recorded, task);
  return obstacle === null ? wanted : { action: 'rerun', reason: obstacle };
}

function byVersion({ result, version }: RecordedPart, { identity }: Task, digest: string): Choice {
  if (result.tbench.task_digest === digest) return { action: 'regrade', reason: 'the task is what it was' };
  const [before, after] = [parts(version), parts(identity.version)];
  if (before === null || after === null)
    return { action: 'rerun', reason: 'the task is another, and its versions do not say how' };
  const change = `version ${version ?? ''} became ${identity.version ?? ''}`;
  const [major, minor, patch] = before.map((part, place) => part !== after[place]);
  if (major === true) return { action: 'rerun', reason: change };
  if (minor === true) return { action: 'regrade', reason: change };
  if (patch === true) return { action: 'reuse', reason: change };
  return {
    action: 'rerun',
    reason: `the task is another, and its version is still ${identity.version ?? ''}`,
  };
}

/** Major, minor and patch; null for what is no released semantic version. */
function parts(version: string | null): readonly number[] | null {
  const found = /^(\d+)\.(\d+)\.(\d+)(?:\+.*)?$/.exec(version ?? '');
  return found === null ? null : found.slice(1).map(Number);
}

/** Why its tests cannot be run again on what the trial kept; null when they can. */
function obstacleTo({ result, manifest, final }: RecordedPart, task: Task): string | null {
  if (task.steps.length > 0 || result.step_results !== null)
    return 'it has steps, which build on one another';
  const { ending } = result.tbench;
  if (ending === null || !isVerified(ending)) return 'its agent never came to its end';
  if (task.verifier.separate === null) return final === null ? goneSandbox : obstacleInside(result, task);
  if (manifest === null) return 'it has no artifacts/manifest.json';
  for (const planned of planArtifacts(task.artifacts).filter(({ isTaken }) => !isTaken)) {
    const lost = isKept(planned, manifest);
    if (lost !== null) return `artifact ${planned.artifact.source} ${lost}`;
  }
  return null;
}

const goneSandbox = 'its tests run in the sandbox of the agent, which is gone (--keep-final keeps it)';

/** What a kept sandbox lacks: it has all files and no process. */
function obstacleInside({ integrity }: TrialResult, { environment }: Task): string | null {
  if (environment.compose !== null) return 'its tests run beside services, which are gone';
  const sockets = readStoredEvidence(integrity?.evidence).scene?.sockets ?? [];
  if (sockets.length === 0) return null;
  return `its agent left services running (${sockets.slice(0, 3).join(', ')}), which are gone`;
}

function isKept(planned: PlannedArtifact, manifest: readonly ManifestEntry[]): string | null {
  const wanted = manifestEntry(planned, { type: 'file', status: 'ok' });
  const entry = manifest.find(
    ({ destination, service }) => destination === wanted.destination && service === wanted.service,
  );
  if (entry === undefined || entry.exclude.join('\n') !== wanted.exclude.join('\n')) return 'was not kept';
  // What the agent never made is missing for the tests as it was then.
  const isThere = entry.status === 'ok' || entry.status === 'empty' || entry.detail === nothingThere;
  return isThere ? null : `was not kept: ${entry.detail ?? entry.status}`;
}
