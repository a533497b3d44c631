import { linkAbort, startTimer, type Timer } from '../../base/deadline.js';
import { TbenchError } from '../../base/errors.js';
import type { Sandbox } from '../../sandbox/sandbox.js';

/** Why an agent was stopped: its sandbox wrote more than the task allows. */
export class StorageLimitReached extends TbenchError {
  override readonly code = 'storage-limit';
}

const pollEveryMs = 5_000;

interface StorageWatch extends Disposable {
  readonly signal: AbortSignal;
  /** Looks once more: what was written since the last look counts too. */
  lookNow(): Promise<void>;
}

/**
 * Aborts the returned signal with `StorageLimitReached` once the sandbox has written more than `limitBytes` on
 * top of its image, or with the parent's reason. No limit, or an engine that cannot tell: only the parent counts.
 */
export function watchStorage(sandbox: Sandbox, limitBytes: number | null, parent: AbortSignal): StorageWatch {
  const watch = linkAbort(parent);
  let timer: Timer | undefined;
  const look = async (limit: number): Promise<void> => {
    // A failing poll says nothing about the disk: the next command will find out what is wrong.
    const used = await sandbox.vitals(watch.signal).then(
      (vitals) => vitals.diskBytes,
      () => null,
    );
    if (used !== null && used > limit)
      watch.abort(new StorageLimitReached(`the sandbox wrote ${used} bytes, the task allows ${limit}`));
  };
  const poll = async (limit: number): Promise<void> => {
    await look(limit);
    if (!watch.signal.aborted) timer = startTimer(pollEveryMs, () => void poll(limit));
  };
  if (limitBytes !== null) timer = startTimer(pollEveryMs, () => void poll(limitBytes));
  return {
    signal: watch.signal,
    lookNow: () => (limitBytes === null || watch.signal.aborted ? Promise.resolve() : look(limitBytes)),
    [Symbol.dispose]: () => {
      timer?.cancel();
      watch[Symbol.dispose]();
      if (!watch.signal.aborted) watch.abort(new Error('watch ended'));
    },
  };
}
