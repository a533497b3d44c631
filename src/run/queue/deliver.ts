import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';
import { ResultsError } from '../../base/errors.js';
import { deliverySchema, type Delivery } from '../../job/queue/messages.js';
import { deliveryQueueName, prefix, tryId } from '../../job/queue/names.js';
import { putPieces } from '../../job/queue/pieces.js';
import type { Bull, Queue, QueueClient } from '../../job/queue/redis.js';
import { mostFolderBytes } from '../../job/queue/take-delivery.js';
import { trialPaths } from '../../results/layout.js';
import { readJson } from '../../results/read-file.js';
import { writeJson } from '../../results/write-file.js';
import { packFolder } from '../../sandbox/files/pack-folder.js';

/** A finished try as it lies in the spool of its worker: until it is in the queue, a kill -9 does not lose it. */
const spooledSchema = z.object({
  jobId: z.string(),
  jobDir: z.string(),
  delivery: deliverySchema.omit({ folder: true, leftOut: true }),
});
export type Spooled = z.infer<typeof spooledSchema>;

const suffix = '.delivery.json';

/** Puts a finished try into the queue; returns when it is there, however long the queue is away. */
export async function deliver(
  spooled: Spooled,
  {
    bull,
    client,
    spoolDir,
  }: { readonly bull: Bull; readonly client: QueueClient; readonly spoolDir: string },
): Promise<void> {
  const { jobId, jobDir, delivery } = spooled;
  const id = tryId(jobId, delivery.trial, delivery.tries);
  const file = join(spoolDir, `${id}${suffix}`);
  await writeJson(file, spooled);
  const { dir, artifactsDir } = trialPaths(jobDir, delivery.trial);
  const leftOut: string[] = [];
  let content = await packFolder(dir, mostFolderBytes);
  if (content === null) {
    // What a task keeps may be disks; all that tells of the trial is small.
    await rm(artifactsDir, { recursive: true, force: true });
    leftOut.push(`artifacts/: the folder has more than ${mostFolderBytes} bytes, compressed`);
    content = await packFolder(dir, mostFolderBytes);
  }
  if (content === null)
    throw new ResultsError(`the folder of trial ${delivery.trial} is too large for the queue`);
  const folder = await putPieces(client, `folder-${id}`, content);
  const queue: Queue = new bull.Queue(deliveryQueueName(jobId), { connection: bull.connection, prefix });
  queue.on('error', bull.onError);
  try {
    const message: Delivery = { ...delivery, folder, leftOut };
    await queue.add('delivery', message, { jobId: id, removeOnComplete: true, removeOnFail: true });
  } finally {
    await queue.close();
  }
  await rm(dir, { recursive: true, force: true });
  await rm(file, { force: true });
}

/** What an earlier worker of this spool finished and could not deliver. Unreadable ones are passed over. */
export async function spooledDeliveries(spoolDir: string): Promise<readonly Spooled[]> {
  const names = (await readdir(spoolDir).catch(() => [])).filter((name) => name.endsWith(suffix));
  const read = await Promise.all(names.map((name) => readJson(spoolDir, name, spooledSchema)));
  return read.flatMap((one) => (one.kind === 'value' ? [one.value] : []));
}
