import { identify, type ProcessIdentity } from '../../base/process-identity.js';
import type { SandboxOwner } from './sandbox-owner.js';

/** On every container of tbench. */
export const managedLabel = 'tbench.managed';
/** On every image that tbench built; another label, since containers inherit their image's. */
export const builtLabel = 'tbench.built';

const key = {
  job: 'tbench.job',
  trial: 'tbench.trial',
  task: 'tbench.task',
  pid: 'tbench.owner.pid',
  startedAt: 'tbench.owner.started',
  realm: 'tbench.owner.realm',
  keep: 'tbench.keep',
  claim: 'tbench.claim',
} as const;

export type Labels = Readonly<Record<string, string>>;

/** Labels by which a container can be found and judged after its owner was killed. */
export function ownerLabels(owner: SandboxOwner, self: ProcessIdentity = identify()): Labels {
  return {
    [managedLabel]: '1',
    [key.job]: owner.job,
    [key.trial]: owner.trial,
    [key.task]: owner.task,
    [key.pid]: String(self.pid),
    [key.startedAt]: self.startedAt,
    [key.realm]: self.realm,
    ...(owner.keep === true ? { [key.keep]: '1' } : {}),
    ...(owner.claim === undefined ? {} : { [key.claim]: owner.claim }),
  };
}

/** The process that created a container; null when the labels are not ours or damaged. */
export function labelledOwner(labels: Labels): ProcessIdentity | null {
  const pid = Number(labels[key.pid]);
  const realm = labels[key.realm];
  if (labels[managedLabel] !== '1' || !Number.isInteger(pid) || pid <= 0 || realm === undefined) return null;
  return { pid, startedAt: labels[key.startedAt] ?? '', realm };
}

/** The job and the trial that a container was made for. */
export function labelledTrial(labels: Labels): { readonly job: string; readonly trial: string } {
  return { job: labels[key.job] ?? '', trial: labels[key.trial] ?? '' };
}

/** The file that says who works with the container now; null when nobody but its maker may. */
export function labelledClaim(labels: Labels): string | null {
  return labels[key.claim] ?? null;
}

/** Whether the user asked to leave the container behind. */
export function isKept(labels: Labels): boolean {
  return labels[key.keep] === '1';
}

/** For an image frozen from a container, whose labels it inherits: not its maker's any more, but one of tbench's own. */
export const keptImageLabels: Labels = { [managedLabel]: '0', [builtLabel]: '1' };

/** `tbench-<trial>-<suffix>` within what engines accept as a name. */
export function containerName(trial: string, suffix: string): string {
  const slug = trial
    .replaceAll(/[^a-zA-Z0-9_.-]+/g, '-')
    .replaceAll(/^[^a-zA-Z0-9]+/g, '')
    .slice(0, 80);
  return slug === '' ? `tbench-${suffix}` : `tbench-${slug}-${suffix}`;
}
