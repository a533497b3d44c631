import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, TaskError } from '../../base/errors.js';
import { makeFolder } from '../../base/files/make-folder.js';
import { taskDigests } from '../../dataset/digest.js';
import { loadFolder } from '../../dataset/load-folder.js';
import type { Task } from '../../dataset/task.js';
import type { DispatchedTask } from '../../job/dispatcher.js';
import type { TrialMessage } from '../../job/queue/messages.js';
import { takePieces, type PieceStore } from '../../job/queue/pieces.js';
import { mostTaskBytes } from '../../job/queue/task-content.js';
import { privateModes } from '../../results/private-modes.js';
import { unpackFolder } from '../../sandbox/files/pack-folder.js';
import { loadDatasets } from '../datasets/load-datasets.js';
import type { Surroundings } from '../surroundings.js';

export interface WorkerTaskParts extends Pick<Surroundings, 'env' | 'signal' | 'tell'> {
  readonly store: PieceStore;
  readonly spoolDir: string;
}

const limits = { maxEntries: 100_000, maxFileBytes: 4 * 2 ** 30, maxTotalBytes: 8 * 2 ** 30, faithful: true };

/** Finds tasks by digest: in a dataset of this machine's, or in what the coordinator sent. Each is proved before it is used. */
export function workerTasks(parts: WorkerTaskParts): (message: TrialMessage) => Promise<DispatchedTask> {
  const found = new Map<string, Promise<Task>>();
  return async (message) => {
    const { task, dataset } = message.spec;
    const key = `${task.name} ${task.digest}`;
    const finding = found.get(key) ?? find(message, parts);
    found.set(key, finding);
    finding.catch(() => found.delete(key));
    const { checksum, origin } = message.task;
    return {
      task: await finding,
      source: { dataset: dataset.name, origin, digest: task.digest, checksum },
    };
  };
}

async function find({ spec, task: { content } }: TrialMessage, parts: WorkerTaskParts): Promise<Task> {
  const { name, digest } = spec.task;
  const tasks =
    content === null
      ? (await loadDatasets([spec.dataset.name], parts)).flatMap((dataset) => dataset.tasks)
      : (await loadFolder(await received(name, digest, content, parts))).tasks;
  const task = tasks.find((one) => one.name === name);
  if (task === undefined)
    throw new InputError(`task ${name} is not in ${spec.dataset.name} as this machine has it`);
  const own = await taskDigests(task.dir);
  if (own.digest !== digest)
    throw new InputError(`task ${name} is another one here: ${own.digest}, not ${digest}`, {
      hint: `tbench datasets pull ${spec.dataset.name} --force`,
    });
  return task;
}

/** The folder of a task that came in pieces; kept for the next trial and the next job. */
async function received(
  name: string,
  digest: string,
  content: NonNullable<TrialMessage['task']['content']>,
  { store, spoolDir }: WorkerTaskParts,
): Promise<string> {
  if (name.includes('/') || name.startsWith('.')) throw new TaskError(`${name} is no name of a folder`);
  const dir = join(spoolDir, 'tasks', digest.replace(':', '-'));
  const target = join(dir, name);
  if ((await stat(target).catch(() => null)) !== null) return target;
  await makeFolder(dir, privateModes.folder);
  for (const left of await readdir(dir))
    if (left.startsWith('.')) await rm(join(dir, left), { recursive: true });
  const arriving = join(dir, `.${name}`);
  const archive = await takePieces(store, content, mostTaskBytes);
  if (archive === null)
    throw new TaskError(`task ${name} is not in the queue any more; its coordinator sends it again`);
  const { refused, exceeded } = await unpackFolder(archive, arriving, limits);
  const [first] = refused;
  if (exceeded !== null || first !== undefined)
    throw new TaskError(`task ${name} cannot be taken: ${exceeded ?? `${first?.path}: ${first?.reason}`}`);
  await rename(arriving, target);
  return target;
}
