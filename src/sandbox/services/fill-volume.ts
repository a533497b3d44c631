import { z } from 'zod';
import type { Labels } from '../cleanup/labels.js';
import { removeContainer } from '../cleanup/removals.js';
import type { EngineClient } from '../connection/engine-client.js';
import { containerArchive } from '../container/container-archive.js';
import { openHostView } from '../container/limits/host-view.js';
import { sendTree } from '../files/send-tree.js';

const created = z.object({ Id: z.string() });
const place = '/tbench-volume';

/** Puts a copy of a folder into a new volume, through a container that is never started: engines have no other way in. */
export async function fillVolume(
  client: EngineClient,
  volume: { readonly engineName: string; readonly source: string; readonly labels: Labels },
  image: { readonly reference: string; readonly id: string },
): Promise<void> {
  const { engineName, source, labels } = volume;
  const body = {
    Image: image.id === '' ? image.reference : image.id,
    Labels: labels,
    HostConfig: { Binds: [`${engineName}:${place}`], NetworkMode: 'none' },
  };
  const what = `fill the volume ${engineName}`;
  const { Id: id } = await client.json({ method: 'POST', path: '/containers/create', body, what }, created);
  try {
    const archive = containerArchive(client, { id, label: engineName, host: await openHostView(null) });
    await sendTree(archive, source, place, { name: '' });
  } finally {
    await removeContainer(client, id);
  }
}
