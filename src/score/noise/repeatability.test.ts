import { expect, it } from 'vitest';
import type { ReplayedTrial } from '../../record/replay-check.js';
import { measureRepeatability } from './repeatability.js';

const trial = (
  name: string,
  recorded: number | null,
  replayed: number | null,
  diverged = 0,
): ReplayedTrial => ({
  ...{ trial: name, task: name.split('__')[0] ?? '', recorded, replayed, diverged },
});
const replay = (...trials: ReplayedTrial[]) => ({ job: 'j', at: '', tbench_version: '0', trials });

it('counts a trial once however often it was replayed, and apart where commands printed the same', () => {
  const found = measureRepeatability([
    replay(trial('a__1', 1, 1), trial('b__1', 1, 0), trial('c__1', 0, 1, 3), trial('d__1', 1, null)),
    replay(trial('a__1', 1, 1), trial('b__1', 1, 1), trial('c__1', 0, 1), trial('d__1', 1, 1)),
  ]);
  expect(found).toMatchObject({ replays: 7, unmeasured: 1 });
  expect(found?.all).toMatchObject({ trials: 4, changed: 2, share: 0.5 });
  expect(found?.faithful).toMatchObject({ trials: 3, changed: 1 });
  expect(found?.tasks).toEqual([
    { task: 'b', changed: 1, replays: 2 },
    { task: 'c', changed: 2, replays: 2 },
  ]);
  // Clopper and Pearson for 2 of 4.
  expect(found?.all.interval.low).toBeCloseTo(0.0676, 3);
  expect(found?.all.interval.high).toBeCloseTo(0.9324, 3);
});

it('has no noise to tell without a replay, and an upper limit without a change', () => {
  expect(measureRepeatability([])).toBeNull();
  const quiet = measureRepeatability([replay(trial('a__1', 1, 1), trial('b__1', 0, 0))]);
  expect(quiet?.all).toMatchObject({ changed: 0, interval: { low: 0 } });
  expect(quiet?.all.interval.high).toBeGreaterThan(0.8);
});
