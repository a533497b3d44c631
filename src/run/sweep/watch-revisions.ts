import { sleep } from '../../base/deadline.js';
import { EnvironmentError } from '../../base/errors.js';

export interface Watching {
  /** Looks for revisions and evaluates those that are new; returns how many there were. */
  readonly lookAndEvaluate: () => Promise<number>;
  readonly tell: (line: string) => void;
  readonly pollMs: number;
  /** Ends when nothing new has come for so long; null watches until the signal. */
  readonly idleMs: number | null;
}

/** Evaluates revisions as they appear. A listing or a revision that fails is told, and the watch goes on. */
export async function watchRevisions(
  { lookAndEvaluate, tell, pollMs, idleMs }: Watching,
  signal: AbortSignal,
): Promise<void> {
  let newestAt = performance.now();
  let lastTold = '';
  for (;;) {
    try {
      if ((await lookAndEvaluate()) > 0) newestAt = performance.now();
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error;
      // A source that stays away is told of once.
      if (error.message !== lastTold) tell(error.message);
      lastTold = error.message;
    }
    if (idleMs !== null && performance.now() - newestAt >= idleMs) return;
    await sleep(pollMs, signal);
  }
}
