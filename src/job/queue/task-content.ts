import { TaskError } from '../../base/errors.js';
import { packFolder } from '../../sandbox/files/pack-folder.js';
import type { DispatchedTask } from '../dispatcher.js';
import type { Archive } from './messages.js';
import { putPieces, type PieceStore } from './pieces.js';

/** A task's folder as an archive: larger ones belong into a dataset that workers fetch by name. */
export const mostTaskBytes = 256 * 2 ** 20;

/** Brings the folders of tasks to where workers find them, each once however many trials it has. */
export interface TaskContents {
  /** Null for a task that workers fetch themselves. */
  archiveOf(task: DispatchedTask): Promise<Archive | null>;
  /** Redis may have lost what was sent: each is sent again when it is asked for. */
  forget(): void;
}

export function taskContents(store: PieceStore): TaskContents {
  const sent = new Map<string, Promise<Archive>>();
  const archiveOf = async ({ task, source }: DispatchedTask): Promise<Archive | null> => {
    // A dataset with an origin is fetched by the worker itself, which proves its copy by the digest.
    if (source.origin !== null) return null;
    const known = sent.get(source.digest);
    if (known !== undefined) return known;
    const sending = send(task.dir, task.name, source.digest, store);
    sent.set(source.digest, sending);
    // A failure is its trial's; the next one tries again.
    sending.catch(() => sent.delete(source.digest));
    return sending;
  };
  return { archiveOf, forget: () => sent.clear() };
}

async function send(dir: string, name: string, digest: string, store: PieceStore): Promise<Archive> {
  const content = await packFolder(dir, mostTaskBytes);
  if (content === null)
    throw new TaskError(
      `task ${name} has more than ${mostTaskBytes} bytes, compressed: too many for the queue`,
      {
        hint: 'Put its dataset into a git repository and name it: --dataset git+URL@REF#PATH.',
      },
    );
  return putPieces(store, `task-${digest.replace(':', '-')}`, content);
}
