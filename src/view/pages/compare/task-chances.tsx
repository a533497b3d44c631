import type { FC } from 'hono/jsx';
import { correctForMany } from '../../../score/comparison/correct-for-many.js';
import { isBeyondChance, type TaskComparison } from '../../../score/comparison/compare.js';
import { permutationTest } from '../../../score/statistics/permutation.js';

/** Whether any single task's change stands out from chance, corrected for the number of tasks looked at. */
export const TaskChances: FC<{ readonly tasks: readonly TaskComparison[] }> = ({ tasks }) => {
  const changed = tasks.filter(({ difference }) => difference !== 0);
  if (changed.length === 0) return null;
  const corrected = correctForMany(tasks.map((task) => permutationTest([task], 2000).twoSided));
  const clear = tasks.filter((_, index) => isBeyondChance(corrected[index] ?? 1));
  return (
    <p>
      {clear.length === 0
        ? `Of ${changed.length} tasks that changed, none alone changed by more than chance gives among ${tasks.length} tasks: read single rows below as hints.`
        : `Beyond chance even among ${tasks.length} tasks (Holm): ${clear.map(({ task }) => task).join(', ')}.`}
    </p>
  );
};
