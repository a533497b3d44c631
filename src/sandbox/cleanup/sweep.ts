import { z } from 'zod';
import type { EngineClient } from '../connection/engine-client.js';
import { EngineCallError } from '../connection/engine-error.js';
import { readClaim } from './claim.js';
import { isKept, labelledClaim, labelledOwner, labelledTrial, managedLabel } from './labels.js';
import { ownerState, type OwnerState } from '../../base/process-identity.js';
import { removeUnusedImage } from './own-images.js';
import { removeContainer } from './removals.js';

const answer = z.array(
  z.object({
    Id: z.string(),
    Names: z.array(z.string()).nullish(),
    Labels: z.record(z.string(), z.string()).nullish(),
  }),
);

/** A container of tbench and whose it is. */
export interface ManagedContainer {
  readonly id: string;
  readonly name: string;
  readonly job: string;
  readonly trial: string;
  readonly ownerPid: number;
  /** `unknown` of another host or pid namespace: nobody here can tell. `waiting` for the job to be continued. */
  readonly owner: OwnerState | 'waiting';
  /** The user asked to leave it behind. */
  readonly isKept: boolean;
}

/** Every container of tbench that the engine has, whoever's it is. */
export async function listManaged(client: EngineClient): Promise<readonly ManagedContainer[]> {
  const query = { all: 'true', filters: JSON.stringify({ label: [`${managedLabel}=1`] }) };
  const rows = await client.json(
    { method: 'GET', path: '/containers/json', query, what: "list tbench's containers" },
    answer,
  );
  const found = rows.map(async ({ Id: id, Names: names, Labels }): Promise<ManagedContainer[]> => {
    const labels = Labels ?? {};
    const maker = labelledOwner(labels);
    if (maker === null) return [];
    const name = names?.[0]?.replace(/^\//, '') ?? id.slice(0, 12);
    const file = labelledClaim(labels);
    const made = ownerState(maker);
    const claim = file === null || made !== 'dead' ? null : await readClaim(file, id);
    const { job, trial } = labelledTrial(labels);
    const owner = claim?.state ?? made;
    const ownerPid = claim?.owner?.pid ?? maker.pid;
    return [{ id, name, job, trial, ownerPid, owner, isKept: isKept(labels) }];
  });
  return (await Promise.all(found)).flat();
}

/**
 * Removes containers of tbench whose owner is dead, those that the user wanted kept only when `kept`, and the images that a
 * dead owner froze. Returns the containers' names.
 */
export async function sweep(
  client: EngineClient,
  { kept }: { readonly kept: boolean },
): Promise<readonly string[]> {
  const all = await listManaged(client);
  const orphans = all.filter(({ owner, isKept: isWanted }) => owner === 'dead' && (kept || !isWanted));
  await removeManaged(client, orphans);
  await sweepSnapshots(client);
  await sweepResources(client);
  return orphans.map(({ name }) => name);
}

/** Removes containers whatever their owners do. */
export async function removeManaged(
  client: EngineClient,
  containers: readonly ManagedContainer[],
): Promise<void> {
  await Promise.all(containers.map(({ id }) => removeContainer(client, id)));
}

const imagesAnswer = z.array(
  z.object({ Id: z.string(), Labels: z.record(z.string(), z.string()).nullish() }),
);

/** A frozen sandbox inherits its container's labels; what tbench built has none of an owner's. */
async function sweepSnapshots(client: EngineClient): Promise<void> {
  const query = { filters: JSON.stringify({ label: [`${managedLabel}=1`] }) };
  const call = { method: 'GET', path: '/images/json', query, what: "list tbench's snapshots" } as const;
  for (const { Id: id, Labels: labels } of await client.json(call, imagesAnswer)) {
    const owner = labelledOwner(labels ?? {});
    if (owner !== null && ownerState(owner) === 'dead') await removeUnusedImage(client, id);
  }
}

const networksAnswer = z.array(
  z.object({ Name: z.string(), Labels: z.record(z.string(), z.string()).nullish() }),
);
const volumesAnswer = z.object({ Volumes: networksAnswer.nullish() });

/** Networks and volumes of environments whose owner is dead. What a container still uses stays, as that container did. */
async function sweepResources(client: EngineClient): Promise<void> {
  const query = { filters: JSON.stringify({ label: [`${managedLabel}=1`] }) };
  const networks = await client.json(
    { method: 'GET', path: '/networks', query, what: "list tbench's networks" },
    networksAnswer,
  );
  const { Volumes: volumes } = await client.json(
    { method: 'GET', path: '/volumes', query, what: "list tbench's volumes" },
    volumesAnswer,
  );
  const found = [
    ...networks.map((one) => ({ ...one, path: `/networks/${one.Name}` })),
    ...(volumes ?? []).map((one) => ({ ...one, path: `/volumes/${one.Name}` })),
  ];
  for (const { Labels: labels, path } of found) {
    const owner = labelledOwner(labels ?? {});
    if (owner === null || ownerState(owner) !== 'dead') continue;
    await client.send({ method: 'DELETE', path, what: `remove ${path.slice(1)}` }).catch((error: unknown) => {
      if (!(error instanceof EngineCallError)) throw error;
    });
  }
}
