import type { TrialStory } from '../../review/story/trial-story.js';
import type { EarlierTry } from '../../review/story/earlier-tries.js';
import { duration } from '../text/format.js';
import { printable } from '../text/text.js';

type Row = readonly [about: string, text: string];

/** How a trial came to be, where that was no straight way: tries before it, processes that went on with it. */
export function makingRows({ earlierTries, resumed }: TrialStory): Row[] {
  return [
    ...resumed.map(({ at, turn, in: where, dead_ms }, index): Row => {
      const after = `after ${duration(dead_ms)} in which nobody worked`;
      return [index === 0 ? 'resumed' : '', `${printable(at)} at turn ${turn}, in a ${where}, ${after}`];
    }),
    ...earlierTries.map((one, index): Row => [index === 0 ? 'tries' : '', tryText(one)]),
  ];
}

function tryText({ number, ending, reward, detail, wasDone }: EarlierTry): string {
  const score = reward === null ? 'no verdict' : `reward ${reward}`;
  const came = wasDone ? `${score}, ended: ${ending ?? 'not recorded'}` : 'never done';
  const why = detail === null ? '' : `; ${printable(detail.split('\n')[0] ?? '')}`;
  return `try ${number} of before: ${came}${why} (tries/${number})`;
}
