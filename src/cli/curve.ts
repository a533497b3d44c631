import { safeJson } from '../base/safe-text.js';
import { Command, Option } from '@commander-js/extra-typings';
import { InputError } from '../base/errors.js';
import { curveChart } from '../report/charts/curve-chart.js';
import { renderChart } from '../report/charts/render-chart.js';
import { curvesToJson } from '../report/curve/curve-json.js';
import { renderCurve, renderCurveDifferences, type NamedCurve } from '../report/curve/curve-text.js';
import { writeFileAtomic } from '../results/write-file.js';
import { readTrainingRun, type TrainingRun } from '../review/curve-steps.js';
import { compareCurves, scoreCurve } from '../score/checkpoints/curve.js';
import { refusedDifferences } from '../score/comparison/compare.js';
import { findDifferences, type DifferenceKind } from '../score/comparison/find-differences.js';
import { allowChoices } from './compare.js';
import { defaultResultsDir } from './default-results-dir.js';
import { terminalWidth } from './terminal-width.js';
import { print } from './tell.js';

const examples = `
A step is what its job, model or revision is called ("step_20", "checkpoint-40"), or what you say: 20=JOB.
The best of several noisy means is too high on average: "best seen" is printed with that luck taken off, and with the
steps that cannot be told from it. How, and how well it holds: docs/checkpoints.md.

Examples:
  tbench curve results/my-sweep                     a folder of \`tbench sweep\`
  tbench curve 20=job-a 40=job-b 60=job-c           jobs of your own naming
  tbench curve step_*-tb-lite --svg curve.svg       a picture beside the table
  tbench curve sweep-a --against sweep-b --json     two training runs over each other

Exit codes: 0 printed, 2 wrong usage, or jobs that differ in tasks, timeouts, budget or harness without --allow.`;

/** `tbench curve JOB...`. */
export function curveCommand() {
  return new Command('curve')
    .description(
      'Score against training step: a band over all steps, the best step honestly, where it stopped.',
    )
    .argument('<job...>', 'a sweep, job folders, names under --results, or STEP=JOB')
    .option('--against <job...>', 'a second training run, named like the first')
    .option('-o, --results <dir>', 'where job names are looked up', defaultResultsDir)
    .addOption(
      new Option('--allow <what...>', 'differences in set-up to accept').choices(allowChoices).default([]),
    )
    .option('--svg <file>', 'also write a picture')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action(async (names, flags) => {
      const runs = [await readTrainingRun(names, flags.results)];
      if (flags.against !== undefined) runs.push(await readTrainingRun(flags.against, flags.results));
      refuseUnlike(runs, flags.allow);
      const curves = namedCurves(runs);
      const [first, second] = runs;
      const differences =
        first === undefined || second === undefined ? null : compareCurves(first.steps, second.steps);
      const width = terminalWidth();
      const text =
        flags.json === true
          ? `${safeJson(curvesToJson(curves, differences))}\n`
          : [
              ...curves.map((curve) => renderCurve(curve, width)),
              ...(differences === null ? [] : [renderCurveDifferences(differences, width)]),
            ].join('\n');
      print(text);
      if (flags.svg !== undefined)
        await writeFileAtomic(flags.svg, `${await renderChart(curveChart(curves))}\n`);
    });
}

function namedCurves(runs: readonly TrainingRun[]): NamedCurve[] {
  const isNamedTwice = runs.length > 1 && runs[0]?.name === runs[1]?.name;
  return runs.map(({ name, steps }, index) => {
    const curve = scoreCurve(steps);
    if (curve === null || steps.length < 2)
      throw new InputError(`${name} has ${steps.length} steps: a curve needs two`);
    if (curve.nTasks === 0) throw new InputError(`no task is measured at every step of ${name}`);
    return { name: isNamedTwice ? `${name} (${index + 1})` : name, curve };
  });
}

/** Every job against the first: means of other tasks or limits are no points of one curve. */
function refuseUnlike(runs: readonly TrainingRun[], allowed: readonly (DifferenceKind | 'all')[]): void {
  const [first, ...others] = runs.flatMap(({ steps }) => steps.map(({ side }) => side));
  for (const other of first === undefined ? [] : others) {
    const refused = refusedDifferences(first === undefined ? [] : findDifferences(first, other), allowed);
    if (refused.length === 0) continue;
    const kinds = [...new Set(refused.map(({ kind }) => kind))];
    throw new InputError(
      `${first?.name ?? ''} and ${other.name} are not the same evaluation: ${refused.map(({ detail }) => detail).join('; ')}`,
      { hint: `If that is what you mean, add --allow ${kinds.join(' ')}` },
    );
  }
}
