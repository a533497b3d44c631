import { describe, expect, it } from 'vitest';
import { toNumber } from '../../base/number/fraction.js';
import { syntheticJob } from '../../../test/doubles/synthetic-job.js';
import { sideOfJob } from '../comparison/comparison-side.js';
import { createRandom, normalDraw } from '../statistics/random.js';
import { attemptsToSeparate, bestSet, criticalGaps, lastShownGain } from './best-set.js';
import { simultaneousBand } from './simultaneous-band.js';
import { stepEstimates, stepGrid, taskMeans, type StepEstimate } from './step-grid.js';
import { stillInTheRunning } from './successive-elimination.js';
import { correctedWinner } from './winner.js';

const step = (mean: number, standardError = 0.02): StepEstimate => ({
  mean,
  standardError,
  attempts: 3,
  resolution: 0,
});

describe('the best step', () => {
  it('is worth less than it seems when others are close, and what it seems when none is', () => {
    const close = correctedWinner([step(0.3), step(0.31), step(0.305), step(0.309)]);
    expect(close?.index).toBe(1);
    expect(close?.corrected).toBeLessThan(0.3);
    const clear = correctedWinner([step(0.1), step(0.5)]);
    expect(clear?.corrected).toBeCloseTo(0.5, 4);
    expect(clear?.interval.low).toBeCloseTo(0.5 - 1.96 * 0.02, 2);
  });

  it('has an interval that holds the truth although the step was chosen for its mean', () => {
    const random = createRandom(7);
    let [naive, corrected, bias] = [0, 0, 0];
    const rounds = 300;
    for (let round = 0; round < rounds; round += 1) {
      const winner = correctedWinner(Array.from({ length: 10 }, () => step(0.3 + 0.02 * normalDraw(random))));
      if (winner === null) throw new Error('no winner');
      naive += Number(Math.abs(winner.seen - 0.3) <= 1.96 * 0.02);
      corrected += Number(winner.interval.low <= 0.3 && 0.3 <= winner.interval.high);
      bias += Math.sign(winner.corrected - 0.3);
    }
    expect(naive / rounds).toBeLessThan(0.9);
    expect(corrected / rounds).toBeGreaterThan(0.92);
    expect(Math.abs(bias / rounds)).toBeLessThan(0.15);
  });

  it('stays sane in a tie and with no or one step', () => {
    const tie = { ...step(0.3), resolution: 0.004 };
    const winner = correctedWinner([tie, tie]);
    expect(winner?.interval.low).toBeLessThan(0.29);
    expect(winner?.interval.high).toBeGreaterThan(0.3);
    expect(correctedWinner([])).toBeNull();
    expect(correctedWinner([step(0.3)])?.corrected).toBeCloseTo(0.3, 4);
    expect(correctedWinner([step(0.3, 0), step(0.2, 0)])?.corrected).toBe(0.3);
  });

  it('is not certain because its few attempts all ended alike', () => {
    const jobs = [0, 1].map((reward) =>
      sideOfJob(syntheticJob(Array.from({ length: 5 }, () => [reward, reward]))),
    );
    const [none, all] = stepEstimates(stepGrid(jobs.map((side, at) => ({ label: String(at), side }))));
    if (none === undefined || all === undefined) throw new Error('no steps');
    const nothing = correctedWinner([none, none]);
    expect(nothing).toMatchObject({ seen: 0, corrected: 0, interval: { low: 0 } });
    expect(nothing?.interval.high).toBeGreaterThan(0.2);
    const winner = correctedWinner([none, all]);
    expect(winner).toMatchObject({ index: 1, corrected: 1, interval: { high: 1 } });
    expect(winner?.interval.low).toBeLessThan(0.8);
    // Two of three tasks from never to always in two attempts: (1/6)^2 by chance, more than 0.025.
    const few = [
      [0, 0, 0],
      [1, 1, 0],
    ].map((rates, at) => ({
      label: String(at),
      side: sideOfJob(syntheticJob(rates.map((rate) => [rate, rate]))),
    }));
    expect(stillInTheRunning(stepEstimates(stepGrid(few)), { rounds: 2 })).toEqual([0, 1]);
    expect(stillInTheRunning([none, all], { rounds: 2 })).toEqual([1]);
  });
});

describe('the steps that cannot be told from the best', () => {
  it('leaves out what is far below and keeps what is near', () => {
    expect(bestSet([step(0.1), step(0.29), step(0.3), step(0.2)])).toEqual([1, 2]);
  });

  it('says where improvement ended and how many attempts would tell two steps apart', () => {
    const curve = [step(0.1), step(0.2), step(0.3), step(0.31), step(0.29)];
    expect(lastShownGain(curve)).toBe(2);
    expect(lastShownGain([step(0.3), step(0.1)])).toBe(0);
    // (1.645 + 0.842)^2 x 2 x 3 x 0.02^2 / 0.1^2
    expect(attemptsToSeparate([step(0.3), step(0.2)], 1.645)).toBe(2);
    expect(attemptsToSeparate([step(0.3), step(0.3)], 1.645)).toBeNull();
    // One rival: z(0.95). Nine of them are more to be above of: 2.4 or so, as tables of Dunnett's test have it.
    expect(criticalGaps([step(0.1), step(0.2)])[0]).toBeCloseTo(1.645, 1);
    const many = criticalGaps(
      Array.from({ length: 10 }, () => step(0.2)),
      { draws: 20_000 },
    );
    expect(many[3]).toBeCloseTo(2.42, 1);
  });

  it('drops steps for good over the rounds of an allocation', () => {
    expect(stillInTheRunning([step(0.1), null, step(0.3), step(0.31)], { rounds: 4 })).toEqual([2, 3]);
  });
});

it('bands hold all points at once and pair them by task', () => {
  const random = createRandom(3);
  const tasks = Array.from({ length: 60 }, () => random());
  const series = [tasks, tasks.map((value) => value + 0.1), tasks.map((value) => value + 0.2)];
  const band = simultaneousBand(series);
  band.forEach(({ mean, standardError, low, high }) => {
    expect((high - mean) / standardError).toBeGreaterThan(1.9);
    expect(mean - low).toBeCloseTo(high - mean, 12);
  });
});

it('a band of tasks that are all alike is as wide as so few can vouch for', () => {
  // Were the mean of new tasks above 1 - 0.05^(1/60), sixty zeros would have a chance below 5 %.
  const [none] = simultaneousBand([Array<number>(60).fill(0)], { lowest: 0 });
  expect(none).toMatchObject({ mean: 0, standardError: 0, low: 0 });
  expect((1 - (none?.high ?? 0)) ** 60).toBeCloseTo(0.05, 9);
  const [one, rise] = simultaneousBand([[0.5], [0]]);
  expect(one?.high).toBe(1);
  expect(rise?.low).toBeCloseTo(-0.975, 12);
  expect(rise?.high).toBeCloseTo(0.975, 12);
});

it('lays jobs out by the tasks that all of them measured', () => {
  const side = (tasks: (number | null)[][]) => sideOfJob(syntheticJob(tasks));
  const grid = stepGrid([
    { label: '20', side: side([[1, 0], [0, 0], [1]]) },
    { label: '40', side: side([[1, 1], [0, 1], [null]]) },
  ]);
  expect(grid.unpaired).toEqual(['task-2']);
  expect(taskMeans(grid).map((means) => means.map(toNumber))).toEqual([
    [0.5, 0],
    [1, 0.5],
  ]);
  const [first] = stepEstimates(grid);
  expect(first?.mean).toBe(0.25);
  expect(first?.standardError).toBeCloseTo(Math.sqrt(0.5 / 2) / 2, 12);
});
