import { safeJson } from '../base/safe-text.js';
import { appendFile } from 'node:fs/promises';
import { Command, Option } from '@commander-js/extra-typings';
import { gateToJson } from '../report/comparison/gate-json.js';
import { renderGateJunit } from '../report/comparison/gate-junit.js';
import { renderGate, renderGateAnnotations, renderGateMarkdown } from '../report/comparison/gate-text.js';
import { writeFileAtomic } from '../results/write-file.js';
import { gateDefaults, runGate, type GateDecision, type GateOptions } from '../score/comparison/gate.js';
import type { DifferenceKind } from '../score/comparison/find-differences.js';
import { allowChoices } from './compare.js';
import { exitCodes } from './exit-code.js';
import { readSides } from '../review/find-jobs.js';
import { tellProblems } from './read-named-jobs.js';
import { runSequentialGate, sequentialDefaults } from '../score/sequential/sequential-gate.js';
import {
  renderSequentialGate,
  renderSequentialMarkdown,
  sequentialToJson,
} from '../report/comparison/sequential-text.js';
import { gateOptions, parseShare, refuseWithout } from './options/gate-options.js';
import { defaultResultsDir } from './default-results-dir.js';
import { terminalWidth } from './terminal-width.js';
import { print, tell } from './tell.js';

const examples = `
Exit codes: 0 no regression, 1 regression, 3 cannot tell (too little data, too many trials without a verdict,
other tasks or limits), 2 wrong usage.

Examples:
  tbench gate candidate --baseline baseline.json
  tbench gate candidate --baseline main-job --max-drop 3pp --alpha 0.01
  tbench gate candidate --baseline baseline.json --junit gate.xml --json > gate.json
  tbench gate candidate --baseline main-job --sequential --find-drop 8pp    stops at the first block that decides

On GitHub Actions it also annotates the run and writes the step summary. See docs/gate.md for its error rates.`;

/** What a decision ends the command with. */
export const decisionCodes: Readonly<Record<GateDecision, number>> = {
  'no-regression': exitCodes.done,
  regression: exitCodes.no,
  'cannot-tell': exitCodes.environment,
};

/** `tbench gate JOB --baseline JOB-or-FILE`. */
export function gateCommand() {
  return describeGate().action(decide);
}

function describeGate() {
  return new Command('gate')
    .description(
      'Says whether a job fell behind a baseline: one-sided, paired by task, with known error rates.',
    )
    .argument('<job>', 'the candidate: a job folder, or a name under --results')
    .requiredOption('--baseline <job-or-file>', 'a job, or a file of `tbench baseline save`')
    .addOption(gateOptions.maxDrop())
    .addOption(gateOptions.alpha())
    .option('--sequential', 'decide at the first block of trials that can, as if it had been watched')
    .addOption(gateOptions.findDrop())
    .addOption(gateOptions.miss())
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
    .option('-o, --results <dir>', 'where job names are looked up', defaultResultsDir)
    .option('--json', 'print JSON')
    .option('--junit <file>', 'also write JUnit XML')
    .option('--markdown <file>', 'also write Markdown')
    .addHelpText('after', examples);
}

async function decide(
  name: string,
  flags: ReturnType<ReturnType<typeof describeGate>['opts']>,
): Promise<void> {
  if (flags.sequential !== true)
    refuseWithout('--sequential', { '--find-drop': flags.findDrop, '--miss': flags.miss });
  const { before, after, jobs } = await readSides(flags.baseline, name, flags.results);
  tellProblems(jobs);
  const job = jobs.at(-1);
  const options: GateOptions = {
    maxDrop: flags.maxDrop ?? gateDefaults.maxDrop,
    alpha: flags.alpha ?? gateDefaults.alpha,
    maxUnmeasured: flags.maxUnmeasured,
    allow: [...gateDefaults.allow, ...(flags.allow as (DifferenceKind | 'all')[])],
  };
  const fixed = runGate(before, after, options);
  const early =
    flags.sequential === true && job !== undefined
      ? runSequentialGate(before, job, {
          ...sequentialDefaults,
          ...options,
          findDrop: flags.findDrop ?? null,
          miss: flags.miss ?? sequentialDefaults.miss,
        })
      : null;
  // JUnit and annotations tell of tasks, which are the same either way.
  const result = early === null ? fixed : { ...fixed, decision: early.decision, reasons: early.reasons };
  const json = early === null ? gateToJson(fixed) : sequentialToJson(early);
  const width = terminalWidth();
  print(
    flags.json === true
      ? `${safeJson(json)}\n`
      : early === null
        ? renderGate(fixed, width)
        : renderSequentialGate(early, width),
  );
  const markdown = early === null ? renderGateMarkdown(fixed) : renderSequentialMarkdown(early);
  if (flags.junit !== undefined) await writeFileAtomic(flags.junit, renderGateJunit(result));
  if (flags.markdown !== undefined) await writeFileAtomic(flags.markdown, markdown);
  const summary = process.env['GITHUB_STEP_SUMMARY'];
  if (summary !== undefined && summary !== '') await appendFile(summary, markdown);
  // stderr keeps --json on stdout parseable; the runner reads commands from both.
  if (process.env['GITHUB_ACTIONS'] === 'true') tell(renderGateAnnotations(result).trimEnd());
  process.exitCode = decisionCodes[result.decision];
}
