import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Task } from '../../dataset/task.js';
import { planTrials } from '../plan.js';
import { ownPart } from './own-part.js';

const task = (name: string, timeoutMs: number | null): Task =>
  ({ name, steps: [], agent: { timeoutMs, user: null } }) as unknown as Task;
const plan = fc
  .tuple(
    fc.array(fc.option(fc.integer({ min: 1, max: 10_000 })), { minLength: 1, maxLength: 30 }),
    fc.integer({ min: 1, max: 4 }),
  )
  .map(([timeouts, attempts]) => ({
    tasks: timeouts.map((timeout, index) => task(`task-${index}`, timeout)),
    attempts,
  }));

test('every trial is in exactly one part, whatever this machine has on record', () => {
  fc.assert(
    fc.property(plan, fc.integer({ min: 1, max: 9 }), ({ tasks, attempts }, of) => {
      const past = new Map(tasks.map(({ name }, index) => [name, (index * 7919) % 1000]));
      const parts = Array.from({ length: of }, (_, at) => {
        const own = ownPart(planTrials(tasks, attempts), { index: at + 1, of }).map(({ name }) => name);
        const elsewhere = ownPart(planTrials(tasks, attempts, past), { index: at + 1, of });
        expect(elsewhere.map(({ name }) => name).sort()).toEqual([...own].sort());
        return own;
      });
      const all = planTrials(tasks, attempts).map(({ name }) => name);
      expect(parts.flat().sort()).toEqual([...all].sort());
    }),
  );
});

test('parts take about equally long: none longer than another by more than the longest trial', () => {
  const tasks = Array.from({ length: 89 }, (_, index) => task(`t${index}`, 600 + ((index * 7919) % 12_000)));
  const loads = Array.from({ length: 5 }, (_, at) =>
    ownPart(planTrials(tasks, 3), { index: at + 1, of: 5 }).reduce(
      (sum, trial) => sum + (trial.task.agent.timeoutMs ?? 0),
      0,
    ),
  );
  expect(Math.max(...loads) - Math.min(...loads)).toBeLessThan(12_600);
});
