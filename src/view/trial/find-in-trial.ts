import { findInTurns, type FoundText } from '../../review/turns/find-in-turns.js';
import { openTurns, type TurnCache } from '../../review/turns/open-turns.js';
import type { ShelvedJob } from '../job-shelf.js';
import { findTrialPlace } from './trial-place.js';
import { pagesOf, type TurnPage } from './turn-pages.js';

/** What the page of a search shows. */
export interface FoundInTrial {
  readonly job: string;
  readonly trial: string;
  readonly step: string | null;
  readonly text: string;
  /** The turn that was begun with. */
  readonly from: number;
  readonly places: readonly FoundText[];
  /** The turn to go on with; null when everything was looked at. */
  readonly next: number | null;
  readonly turns: number;
  readonly unseenBytes: number;
  readonly pages: readonly TurnPage[];
}

const longestText = 500;
/** Turns of a long file that are indexed for one answer. */
const turnsAhead = 1000;

/** Searches the conversation of a trial; null for one that the job does not know. */
export async function findInTrial(
  job: ShelvedJob,
  trial: string,
  wanted: {
    readonly step: string | null;
    readonly text: string;
    readonly from: number;
    readonly cache: TurnCache;
  },
): Promise<FoundInTrial | null> {
  const place = await findTrialPlace(job, trial, wanted.step);
  if (place === null) return null;
  const text = wanted.text.slice(0, longestText);
  const from = Math.max(1, wanted.from);
  const turns = await openTurns(place.places, { cache: wanted.cache, upTo: from + turnsAhead });
  const { found, next } =
    turns === null || text === '' ? { found: [], next: null } : await findInTurns(turns, text, from);
  return {
    ...{ job: job.name, trial, step: place.step, text, from, next },
    places: found,
    turns: turns?.sizes.length ?? 0,
    unseenBytes: turns?.unseenBytes ?? 0,
    pages: pagesOf(turns?.sizes ?? []),
  };
}
