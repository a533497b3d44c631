import { safeJson } from '../base/safe-text.js';
import { Command, Option } from '@commander-js/extra-typings';
import { InputError } from '../base/errors.js';
import { comparisonViewToJson } from '../report/comparison/comparison-json.js';
import { renderComparison } from '../report/comparison/comparison-text.js';
import { compareSides, refusedDifferences, type Comparison } from '../score/comparison/compare.js';
import { scoreJob } from '../score/job/score-job.js';
import { differenceKinds, type DifferenceKind } from '../score/comparison/find-differences.js';
import { sideOfJob } from '../score/comparison/comparison-side.js';
import { readOneJobEach } from '../review/find-jobs.js';
import { tellProblems } from './read-named-jobs.js';
import { defaultResultsDir } from './default-results-dir.js';
import { terminalWidth } from './terminal-width.js';
import { print } from './tell.js';

const examples = `
Examples:
  tbench compare baseline candidate                 paired by task: difference, interval, permutation test
  tbench compare base a b                           base against a, base against b
  tbench compare a b --allow harness --json         the harness was meant to change

Exit code 2 when tasks, timeouts, budget or harness differ and --allow does not name it.`;

export const allowChoices: readonly (DifferenceKind | 'all')[] = [...differenceKinds, 'all'];

/** `tbench compare A B [C...]`. */
export function compareCommand() {
  return new Command('compare')
    .description('Compares recorded jobs task by task: the first with each of the others.')
    .argument('<job>', 'the job to compare with')
    .argument('<others...>', 'the jobs to compare')
    .option('-o, --results <dir>', 'where job names are looked up', defaultResultsDir)
    .addOption(
      new Option('--allow <what...>', 'differences in set-up to accept').choices(allowChoices).default([]),
    )
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action(async (first, others, flags) => {
      const [before, ...rest] = await readOneJobEach([first, ...others], flags.results);
      if (before === undefined) return;
      tellProblems([before, ...rest]);
      const views = rest.map((after) => {
        const comparison = compareSides(sideOfJob(before), sideOfJob(after));
        refuse(comparison, flags.allow);
        return { comparison, before: scoreJob(before), after: scoreJob(after) };
      });
      const text =
        flags.json === true
          ? `${safeJson({ comparisons: views.map(comparisonViewToJson) })}\n`
          : views.map((view) => renderComparison(view, terminalWidth())).join('\n');
      print(text);
    });
}

function refuse(
  { differences, before, after }: Comparison,
  allowed: readonly (DifferenceKind | 'all')[],
): void {
  const refused = refusedDifferences(differences, allowed);
  if (refused.length === 0) return;
  const kinds = [...new Set(refused.map(({ kind }) => kind))];
  throw new InputError(
    `${before.name} and ${after.name} are not the same evaluation: ${refused.map(({ detail }) => detail).join('; ')}`,
    { hint: `If that is what you mean to compare, add --allow ${kinds.join(' ')}` },
  );
}
