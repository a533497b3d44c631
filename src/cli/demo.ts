import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from '@commander-js/extra-typings';
import { plural } from '../base/plural.js';
import { describeRunCommand } from './run-options.js';
import { runCommand } from './run.js';
import { tell } from './tell.js';

/** Turns written by hand for the sample tasks; they are packed with the command. */
const sampleTurns = fileURLToPath(new URL('../../test/fixtures/sample-turns', import.meta.url));

const examples = `
Examples:
  tbench demo                        12 sample tasks, 3 attempts each, into results/ of this folder
  tbench demo -- --attempts 1        options behind -- go to tbench run
  tbench view                        look at what came of it`;

/** The path as one names it where one is: the demo's records and tables show it. */
function demoArguments(more: readonly string[]): string[] {
  const near = relative('.', sampleTurns);
  const turns = near.startsWith('..') ? sampleTurns : near;
  return ['--dataset', 'sample', '--model', `replay:${turns}`, '--attempts', '3', ...more];
}

/** What `tbench run` with these options makes of the demo, in a sentence. */
export function whatRuns(run: readonly string[]): string {
  const { attempts, tasks, exclude, limit } = describeRunCommand()
    .exitOverride()
    .parse(run, { from: 'user' })
    .opts();
  const isPart = tasks !== undefined || exclude !== undefined || limit !== undefined;
  const which = isPart ? 'some sample tasks' : 'the sample tasks';
  return `demo: ${which}, ${plural(attempts, 'attempt')} each; replayed model, not an evaluation`;
}

/** `tbench demo`. */
export function demoCommand() {
  return new Command('demo')
    .description(
      'The whole of tbench without a model: the sample tasks in real sandboxes, with turns written by hand. Works in any folder.',
    )
    .argument('[run options...]', 'passed on to tbench run, after --')
    .addHelpText('after', examples)
    .action(async (more) => {
      const run = demoArguments(more);
      tell(whatRuns(run));
      await runCommand().exitOverride().parseAsync(run, { from: 'user' });
      tell('demo: replayed model, not an evaluation; `tbench view` shows it in the browser');
    });
}
