import { z } from 'zod';
import type { EngineClient } from '../connection/engine-client.js';
import { EngineCallError } from '../connection/engine-error.js';
import { isKept, labelledOwner, managedLabel } from './labels.js';
import { ownerState } from '../../base/process-identity.js';
import { removeUnusedImage } from '../image/built-images.js';
import { removeContainer } from './removals.js';

const answer = z.array(
  z.object({
    Id: z.string(),
    Names: z.array(z.string()).nullish(),
    Labels: z.record(z.string(), z.string()).nullish(),
  }),
);

/**
 * Removes containers of tbench whose owner is dead: those that the user wanted kept only when `kept`, those of the
 * living only when `all`. Of another host or pid namespace nobody here can tell whether the owner lives: such a container
 * goes with `all` alone. Images that a dead owner froze go too. Returns the containers' names.
 */
export async function sweep(
  client: EngineClient,
  options: { readonly all: boolean; readonly kept: boolean },
): Promise<readonly string[]> {
  const query = { all: 'true', filters: JSON.stringify({ label: [`${managedLabel}=1`] }) };
  const rows = await client.json(
    { method: 'GET', path: '/containers/json', query, what: "list tbench's containers" },
    answer,
  );
  const orphans = rows.filter(({ Labels: labels }) => {
    const owner = labelledOwner(labels ?? {});
    if (owner === null || options.all) return owner !== null;
    return ownerState(owner) === 'dead' && (options.kept || !isKept(labels ?? {}));
  });
  await Promise.all(orphans.map(({ Id: id }) => removeContainer(client, id)));
  await sweepSnapshots(client);
  await sweepResources(client, options);
  return orphans.map(({ Id: id, Names: names }) => names?.[0]?.replace(/^\//, '') ?? id.slice(0, 12));
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
async function sweepResources(client: EngineClient, options: { readonly all: boolean }): Promise<void> {
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
    if (owner === null || !(options.all || ownerState(owner) === 'dead')) continue;
    await client.send({ method: 'DELETE', path, what: `remove ${path.slice(1)}` }).catch((error: unknown) => {
      if (!(error instanceof EngineCallError)) throw error;
    });
  }
}
