import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { repeat } from '../../base/deadline.js';
import { describeError, ResultsError } from '../../base/errors.js';
import { makeFolder } from '../../base/files/make-folder.js';
import { deliverySchema, type Archive, type Delivery } from '../../job/queue/messages.js';
import { deliveryQueueName, overKey, prefix, tryId } from '../../job/queue/names.js';
import { putPieces } from '../../job/queue/pieces.js';
import type { Bull, Queue, QueueClient } from '../../job/queue/redis.js';
import { mostFolderBytes } from '../../job/queue/take-delivery.js';
import { trialPaths } from '../../results/layout.js';
import { privateModes } from '../../results/private-modes.js';
import { readJson } from '../../results/read-file.js';
import { writeJson } from '../../results/write-file.js';
import { packFolder } from '../../sandbox/files/pack-folder.js';

/** A finished try as it lies in the spool of its worker. */
const finishedSchema = z.object({
  jobId: z.string(),
  delivery: deliverySchema.omit({ folder: true, leftOut: true }),
});
export type FinishedTry = z.infer<typeof finishedSchema>;

/**
 * A worker's own disk: each try is made in a folder of its own, and stays until its coordinator has it. Neither a kill -9 of the
 * worker nor a Redis that forgets everything loses what is finished.
 */
export interface Spool {
  /** A job's folder for one try alone, empty. */
  open(id: string): Promise<string>;
  /** The finished try of this id that no coordinator has taken yet; null when there is none. */
  finished(id: string): Promise<FinishedTry | null>;
  /** Keeps a finished try and puts it into the queue; returns when it is there, however long the queue is away. */
  deliver(finished: FinishedTry): Promise<void>;
  /** Drops a try that is not finished. */
  drop(id: string): Promise<void>;
  /** Puts what is kept into the queue again where that lost it, and drops what its coordinator has, until the signal aborts. */
  watch(signal: AbortSignal): Promise<void>;
}

export interface SpoolParts {
  readonly bull: Bull;
  readonly trials: Queue;
  readonly client: QueueClient;
  readonly dir: string;
  readonly tell: (line: string) => void;
}

const suffix = '.delivery.json';
const everyMs = 5_000;

/** Drops what an earlier worker of this spool had under way: its sandboxes are nobody's then, and swept. */
export async function clearSpool(dir: string): Promise<void> {
  const finished = new Set(await finishedIds(dir));
  for (const id of await readdir(join(dir, 'jobs')).catch(() => []))
    if (!finished.has(id)) await rm(join(dir, 'jobs', id), { recursive: true, force: true });
}

/** Opens the spool of the one worker that owns it. */
export function openSpool(parts: SpoolParts): Spool {
  const { trials, client, dir, tell } = parts;
  const folderOf = (id: string): string => folderOfTry(dir, id);
  const fileOf = (id: string): string => join(dir, `${id}${suffix}`);
  const sending = new Map<string, Promise<void>>();
  const finished = async (id: string): Promise<FinishedTry | null> => {
    const read = await readJson(dir, `${id}${suffix}`, finishedSchema);
    return read.kind === 'value' ? read.value : null;
  };
  const drop = async (id: string): Promise<void> => {
    await rm(folderOf(id), { recursive: true, force: true });
    await rm(fileOf(id), { force: true });
  };
  const send = async (id: string, kept: FinishedTry): Promise<void> => {
    if ((await client.get(overKey(id))) === null) return putDelivery(id, kept, parts);
    await drop(id);
    // As it is over, the queue need not know of it any more.
    await trials.remove(id).catch(() => undefined);
  };
  const sendOnce = (id: string, kept: FinishedTry): Promise<void> => {
    const running = sending.get(id);
    if (running !== undefined) return running;
    const work = send(id, kept).finally(() => sending.delete(id));
    sending.set(id, work);
    return work;
  };
  return {
    finished,
    drop,
    async open(id) {
      await drop(id);
      await makeFolder(folderOf(id), privateModes.folder);
      return folderOf(id);
    },
    async deliver(kept) {
      const id = tryId(kept.jobId, kept.delivery.trial, kept.delivery.tries);
      if ((await stat(fileOf(id)).catch(() => null)) === null) await writeJson(fileOf(id), kept);
      await sendOnce(id, kept);
    },
    watch: (signal) =>
      repeat(everyMs, signal, async () => {
        for (const id of await finishedIds(dir)) {
          const kept = await finished(id);
          if (kept === null || signal.aborted) continue;
          await sendOnce(id, kept).catch((error: unknown) =>
            tell(`${kept.delivery.trial} is not delivered yet: ${describeError(error)}`),
          );
        }
      }),
  };
}

function folderOfTry(dir: string, id: string): string {
  return join(dir, 'jobs', id);
}

async function putDelivery(
  id: string,
  kept: FinishedTry,
  { bull, trials, client, dir }: SpoolParts,
): Promise<void> {
  // Two workers may have made the same try: each sends its own, and the coordinator takes one.
  const deliveryId = `${id}_${kept.delivery.worker}`;
  const connection = (await trials.client) as typeof bull.connection;
  const queue = new bull.Queue(deliveryQueueName(kept.jobId), { connection, prefix });
  queue.on('error', bull.onError);
  try {
    if ((await queue.getJobState(deliveryId)) !== 'unknown') return;
    const paths = trialPaths(folderOfTry(dir, id), kept.delivery.trial);
    const message: Delivery = {
      ...kept.delivery,
      ...(await putFolder(client, `folder-${deliveryId}`, paths)),
    };
    await queue.add('delivery', message, { jobId: deliveryId, removeOnComplete: true, removeOnFail: true });
  } finally {
    await queue.close();
  }
}

async function finishedIds(dir: string): Promise<readonly string[]> {
  const names = await readdir(dir).catch(() => []);
  return names.filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length));
}

async function putFolder(
  client: QueueClient,
  key: string,
  { dir, artifactsDir }: ReturnType<typeof trialPaths>,
): Promise<{ readonly folder: Archive; readonly leftOut: string[] }> {
  const leftOut: string[] = [];
  let content = await packFolder(dir, mostFolderBytes);
  if (content === null) {
    // What a task keeps may be disks; all that tells of the trial is small.
    await rm(artifactsDir, { recursive: true, force: true });
    leftOut.push(`artifacts/: the folder has more than ${mostFolderBytes} bytes, compressed`);
    content = await packFolder(dir, mostFolderBytes);
  }
  if (content === null) throw new ResultsError('its folder is too large for the queue');
  return { folder: await putPieces(client, key, content), leftOut };
}
