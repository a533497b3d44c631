import { lstat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { sleep } from '../../base/deadline.js';
import { openTurns, type TurnCache, type TurnPlaces } from './open-turns.js';
import type { OpeningMessage, Turn } from './turn.js';

/** What comes out of a conversation that is followed. */
export type Followed =
  | { readonly kind: 'opening'; readonly messages: readonly OpeningMessage[] }
  | { readonly kind: 'turn'; readonly turn: Turn };

const lookEveryMs = 500;

/** Where a trial's folder keeps its conversation, whoever wrote it: the folder `below` a root that no link leads out of. */
export function placesOf(root: string, below = '.'): TurnPlaces {
  return {
    root,
    journal: join(below, 'agent/journal.jsonl'),
    documents: [join(below, 'agent/trajectory.json'), join(below, `${basename(below)}.traj.json`)],
    episodes: [join(below, 'agent-logs'), join(below, 'agent')],
  };
}

/**
 * The conversation of a trial folder from its beginning. With `follow` it goes on until the trial has a result; a turn
 * comes when it is over. Ends without a word when the signal aborts.
 */
export async function* followTurns(
  trialDir: string,
  { follow, signal }: { readonly follow: boolean; readonly signal: AbortSignal },
): AsyncGenerator<Followed> {
  const cache: TurnCache = new Map();
  let shown = 0;
  let isOpened = false;
  while (!signal.aborted) {
    // Looked at before the turns are: a result says that no turn follows what is there by then.
    const isOver = !follow || (await hasResult(trialDir));
    const turns = await openTurns(placesOf(trialDir), { cache, upTo: Number.MAX_SAFE_INTEGER });
    if (turns !== null && !isOpened) {
      isOpened = true;
      yield { kind: 'opening', messages: turns.opening };
    }
    const count = turns?.sizes.length ?? 0;
    while (turns !== null && shown < count) {
      const [turn] = await turns.read(shown, 1);
      if (turn === undefined || (turn.open && !isOver)) break;
      shown += 1;
      yield { kind: 'turn', turn };
    }
    if (isOver) return;
    await sleep(lookEveryMs, signal).catch(() => undefined);
  }
}

async function hasResult(dir: string): Promise<boolean> {
  return (await lstat(join(dir, 'result.json')).catch(() => null)) !== null;
}
