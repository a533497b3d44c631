import { lstat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { sleep } from '../../base/deadline.js';
import { listSteps, stepFolder } from '../trial/list-steps.js';
import { openTurns, type TurnCache, type TurnPlaces } from './open-turns.js';
import type { OpeningMessage, Turn } from './turn.js';

/** What comes out of a conversation that is followed. */
export type Followed =
  | { readonly kind: 'step'; readonly name: string }
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

interface Following {
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

/**
 * The conversation of a trial folder from its beginning, of a task of several steps one after the other. With `follow` it goes on
 * until the trial has a result; a turn comes when it is over. Ends without a word when the signal aborts.
 */
export async function* followTurns(trialDir: string, following: Following): AsyncGenerator<Followed> {
  const { follow, signal } = following;
  const isOver = async (): Promise<boolean> => !follow || (await hasResult(trialDir));
  const hasSteps = async (more: number): Promise<boolean> => (await listSteps(trialDir)).length > more;
  const own = placesOf(trialDir);
  yield* followPart(own, { ...following, isOver: async () => (await isOver()) || (await hasSteps(0)) });
  for (let told = 0; !signal.aborted;) {
    // Looked at before the steps are: a result says that no step follows those that are there by then.
    const isLast = await isOver();
    const step = (await listSteps(trialDir))[told];
    if (step !== undefined) {
      told += 1;
      const after = told;
      yield { kind: 'step', name: step };
      yield* followPart(placesOf(trialDir, stepFolder(step)), {
        ...following,
        isOver: async () => (await isOver()) || (await hasSteps(after)),
      });
    } else if (isLast) return;
    else await sleep(lookEveryMs, signal).catch(() => undefined);
  }
}

/** One conversation, until nothing can follow what is there. */
async function* followPart(
  places: TurnPlaces,
  { isOver, signal }: Following & { readonly isOver: () => Promise<boolean> },
): AsyncGenerator<Followed> {
  const cache: TurnCache = new Map();
  let shown = 0;
  let isOpened = false;
  while (!signal.aborted) {
    // Looked at before the turns are, for the same reason.
    const isLast = await isOver();
    const turns = await openTurns(places, { cache, upTo: Number.MAX_SAFE_INTEGER });
    if (turns !== null && !isOpened) {
      isOpened = true;
      yield { kind: 'opening', messages: turns.opening };
    }
    const count = turns?.sizes.length ?? 0;
    while (turns !== null && shown < count) {
      const [turn] = await turns.read(shown, 1);
      if (turn === undefined || (turn.open && !isLast)) break;
      shown += 1;
      yield { kind: 'turn', turn };
    }
    if (isLast) return;
    await sleep(lookEveryMs, signal).catch(() => undefined);
  }
}

async function hasResult(dir: string): Promise<boolean> {
  return (await lstat(join(dir, 'result.json')).catch(() => null)) !== null;
}
