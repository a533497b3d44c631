import { appendFile } from 'node:fs/promises';
import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { gateToJson } from '../report/comparison/gate-json.js';
import { renderGateJunit } from '../report/comparison/gate-junit.js';
import { renderGate, renderGateAnnotations, renderGateMarkdown } from '../report/comparison/gate-text.js';
import { writeFileAtomic } from '../results/write-file.js';
import { gateDefaults, runGate, type GateDecision } from '../score/comparison/gate.js';
import type { DifferenceKind } from '../score/comparison/find-differences.js';
import { allowChoices } from './compare.js';
import { exitCodes } from './exit-code.js';
import { readSides } from '../review/find-jobs.js';
import { tellProblems } from './read-named-jobs.js';
import { defaultResultsDir } from './default-results-dir.js';
import { terminalWidth } from './terminal-width.js';

const examples = `
Exit codes: 0 no regression, 1 regression, 3 cannot tell (too little data, too many trials without a verdict,
other tasks or limits), 2 wrong usage.

Examples:
  tbench gate candidate --baseline baseline.json
  tbench gate candidate --baseline main-job --max-drop 3pp --alpha 0.01
  tbench gate candidate --baseline baseline.json --junit gate.xml --json > gate.json

On GitHub Actions it also annotates the run and writes the step summary. See docs/gate.md for its error rates.`;

const decisionCodes: Readonly<Record<GateDecision, number>> = {
  'no-regression': exitCodes.done,
  regression: exitCodes.no,
  'cannot-tell': exitCodes.environment,
};

/** `tbench gate JOB --baseline JOB-or-FILE`. */
export function gateCommand() {
  return new Command('gate')
    .description(
      'Says whether a job fell behind a baseline: one-sided, paired by task, with known error rates.',
    )
    .argument('<job>', 'the candidate: a job folder, or a name under --results')
    .requiredOption('--baseline <job-or-file>', 'a job, or a file of `tbench baseline save`')
    .addOption(
      new Option('--max-drop <points>', 'largest drop tolerated: points of a percentage')
        .argParser(parsePoints)
        .default(gateDefaults.maxDrop, `${gateDefaults.maxDrop * 100}pp`),
    )
    .option('--alpha <share>', 'accepted chance of a false alarm', parseShare, gateDefaults.alpha)
    .option(
      '--max-unmeasured <share>',
      'largest share of trials without a verdict',
      parseShare,
      gateDefaults.maxUnmeasured,
    )
    .addOption(
      new Option('--allow <what...>', 'differences in set-up to accept, beside a changed harness')
        .choices(allowChoices)
        .default([]),
    )
    .option('--results <dir>', 'where job names are looked up', defaultResultsDir)
    .option('--json', 'print JSON')
    .option('--junit <file>', 'also write JUnit XML')
    .option('--markdown <file>', 'also write Markdown')
    .addHelpText('after', examples)
    .action(async (name, flags) => {
      const { before, after, jobs } = await readSides(flags.baseline, name, flags.results);
      tellProblems(jobs);
      const result = runGate(before, after, {
        maxDrop: flags.maxDrop,
        alpha: flags.alpha,
        maxUnmeasured: flags.maxUnmeasured,
        allow: [...gateDefaults.allow, ...(flags.allow as (DifferenceKind | 'all')[])],
      });
      const text =
        flags.json === true
          ? `${JSON.stringify(gateToJson(result), null, 2)}\n`
          : renderGate(result, terminalWidth());
      process.stdout.write(text);
      if (flags.junit !== undefined) await writeFileAtomic(flags.junit, renderGateJunit(result));
      if (flags.markdown !== undefined) await writeFileAtomic(flags.markdown, renderGateMarkdown(result));
      const summary = process.env['GITHUB_STEP_SUMMARY'];
      if (summary !== undefined && summary !== '') await appendFile(summary, renderGateMarkdown(result));
      // stderr keeps --json on stdout parseable; the runner reads commands from both.
      if (process.env['GITHUB_ACTIONS'] === 'true') process.stderr.write(renderGateAnnotations(result));
      process.exitCode = decisionCodes[result.decision];
    });
}

/** `2pp`, `2 pp`, `2%` and `0.02` are all two points. */
export function parsePoints(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(pp|%)?$/.exec(text.trim());
  const value = Number(match?.[1] ?? Number.NaN) / (match?.[2] === undefined ? 1 : 100);
  if (match === null || value > 1)
    throw new InvalidArgumentError('expected points such as 2pp, or a fraction such as 0.02');
  return value;
}

/** A share in (0, 1), as `0.05` or `5%`. */
function parseShare(text: string): number {
  const value = parsePoints(text);
  if (value >= 1) throw new InvalidArgumentError('expected a share under 1, such as 0.05');
  return value;
}
