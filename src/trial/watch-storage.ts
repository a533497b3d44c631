import { TbenchError } from '../base/errors.js';
import type { Sandbox } from '../sandbox/sandbox.js';

/** Why an agent was stopped: its sandbox wrote more than the task allows. */
export class StorageLimitReached extends TbenchError {
  override readonly code = 'storage-limit';
}

const pollEveryMs = 5_000;

/**
 * Aborts the returned signal with `StorageLimitReached` once the sandbox has written more than `limitBytes` on
 * top of its image, or with the parent's reason. No limit, or an engine that cannot tell: only the parent counts.
 */
export function watchStorage(
  sandbox: Sandbox,
  limitBytes: number | null,
  parent: AbortSignal,
): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const follow = (): void => controller.abort(parent.reason);
  if (parent.aborted) follow();
  else parent.addEventListener('abort', follow, { once: true });
  let timer: NodeJS.Timeout | undefined;
  const poll = async (limit: number): Promise<void> => {
    // A failing poll says nothing about the disk: the next command will find out what is wrong.
    const used = await sandbox.vitals(controller.signal).then(
      (vitals) => vitals.diskBytes,
      () => null,
    );
    if (controller.signal.aborted) return;
    if (used !== null && used > limit) {
      controller.abort(new StorageLimitReached(`the sandbox wrote ${used} bytes, the task allows ${limit}`));
    } else {
      timer = setTimeout(() => void poll(limit), pollEveryMs);
    }
  };
  if (limitBytes !== null) timer = setTimeout(() => void poll(limitBytes), pollEveryMs);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      parent.removeEventListener('abort', follow);
      if (!controller.signal.aborted) controller.abort(new Error('watch ended'));
    },
  };
}
