import { createRandom, defaultSeed, shuffle } from '../statistics/random.js';

/** One place in the order: the attempt-th attempt (from 1) at a task. */
export interface OrderedAttempt {
  readonly task: string;
  readonly attempt: number;
}

/**
 * An order in which a prefix of any length is a fair sample: attempt 1 of all tasks in random order, then attempt 2 in
 * another, and so on. Seeded, so that the run and the gate after it agree, and independent of the order given.
 */
export function trialOrder(tasks: Iterable<string>, attempts: number, seed = defaultSeed): OrderedAttempt[] {
  const names = [...new Set(tasks)].sort();
  const random = createRandom(seed);
  return Array.from({ length: attempts }, (_, index) => index + 1).flatMap((attempt) => {
    const places = names.map((_, place) => place);
    shuffle(places, random);
    return places.flatMap((place) => {
      const task = names[place];
      return task === undefined ? [] : [{ task, attempt }];
    });
  });
}
