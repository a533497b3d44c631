import { datasetLabel } from '../../record/job-summary.js';
import type { ComparisonSide } from './comparison-side.js';

/** What may differ between two sides and must not, unless told: each changes what a score means. */
export const differenceKinds = ['tasks', 'timeouts', 'budget', 'harness'] as const;
export type DifferenceKind = (typeof differenceKinds)[number];

export interface Difference {
  readonly kind: DifferenceKind;
  readonly detail: string;
}

const namesShown = 5;

/** Every difference in task content, timeouts and limits, budget, or harness between two sides. */
export function findDifferences(a: ComparisonSide, b: ComparisonSide): Difference[] {
  return [...taskDifferences(a, b), ...limitDifferences(a, b), ...harnessDifferences(a, b)];
}

function taskDifferences(a: ComparisonSide, b: ComparisonSide): Difference[] {
  const differences: Difference[] = [];
  const say = (detail: string): number => differences.push({ kind: 'tasks', detail });
  if (a.dataset.digest !== null && b.dataset.digest !== null && a.dataset.digest !== b.dataset.digest) {
    say(
      `datasets differ: ${datasetLabel(a.dataset)} ${a.dataset.digest} and ${datasetLabel(b.dataset)} ${b.dataset.digest}`,
    );
  }
  const onlyA = [...a.tasks.keys()].filter((name) => !b.tasks.has(name));
  const onlyB = [...b.tasks.keys()].filter((name) => !a.tasks.has(name));
  if (onlyA.length > 0) say(`${onlyA.length} tasks only in ${a.name}: ${listNames(onlyA)}`);
  if (onlyB.length > 0) say(`${onlyB.length} tasks only in ${b.name}: ${listNames(onlyB)}`);
  const changed = [...a.tasks].filter(([name, task]) => {
    const other = b.tasks.get(name)?.digest;
    return (
      task.digest !== null &&
      typeof other === 'string' &&
      sameFormula(task.digest, other) &&
      other !== task.digest
    );
  });
  if (changed.length > 0)
    say(`${changed.length} tasks changed content: ${listNames(changed.map(([name]) => name))}`);
  return differences;
}

/** Two digest formulas are in use, told apart by their prefix; digests of different formulas say nothing. */
function sameFormula(a: string, b: string): boolean {
  return a.includes(':') === b.includes(':');
}

function limitDifferences(a: ComparisonSide, b: ComparisonSide): Difference[] {
  const differences: Difference[] = [];
  if (a.timeoutMultiplier !== b.timeoutMultiplier) {
    differences.push({
      kind: 'timeouts',
      detail: `timeouts x${a.timeoutMultiplier} and x${b.timeoutMultiplier}`,
    });
  }
  const overrides = (side: ComparisonSide): string =>
    side.overrides.length === 0 ? 'none' : [...side.overrides].sort().join(', ');
  if (overrides(a) !== overrides(b)) {
    differences.push({ kind: 'timeouts', detail: `overrides ${overrides(a)} and ${overrides(b)}` });
  }
  if (differ(a.clockMode ?? 'wall', b.clockMode ?? 'wall')) {
    differences.push({
      kind: 'timeouts',
      detail: `agent clock ${a.clockMode ?? 'wall'} and ${b.clockMode ?? 'wall'}`,
    });
  }
  if (differ(a.budgetMode, b.budgetMode)) {
    differences.push({ kind: 'budget', detail: `budget ${a.budgetMode ?? ''} and ${b.budgetMode ?? ''}` });
  }
  return differences;
}

function harnessDifferences(a: ComparisonSide, b: ComparisonSide): Difference[] {
  const [mine, theirs] = [a.harness, b.harness];
  if (mine === null || theirs === null) return [];
  if (mine.name !== theirs.name) {
    return [{ kind: 'harness', detail: `harness ${mine.name} and ${theirs.name}` }];
  }
  return differ(mine.digest, theirs.digest)
    ? [
        {
          kind: 'harness',
          detail: `the text of harness ${mine.name} changed: ${mine.digest ?? ''} and ${theirs.digest ?? ''}`,
        },
      ]
    : [];
}

/** True for two known values that are not the same; what is not recorded cannot be held against anyone. */
function differ(a: string | null, b: string | null): boolean {
  return a !== null && b !== null && a !== b;
}

function listNames(names: readonly string[]): string {
  const rest = names.length - namesShown;
  return names.slice(0, namesShown).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
