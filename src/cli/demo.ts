import { fileURLToPath } from 'node:url';
import { Command } from '@commander-js/extra-typings';
import { runCommand } from './run.js';
import { tell } from './tell.js';

/** Turns written by hand for the sample tasks; they are packed with the command. */
const sampleTurns = fileURLToPath(new URL('../../test/fixtures/sample-turns', import.meta.url));

const examples = `
Examples:
  tbench demo                        12 sample tasks, 3 attempts each, into results/ of this folder
  tbench demo -- --attempts 1        options behind -- go to tbench run
  tbench view                        look at what came of it`;

/** `tbench demo`. */
export function demoCommand() {
  return new Command('demo')
    .description(
      'The whole of tbench without a model: the sample tasks in real sandboxes, with turns written by hand. Works in any folder.',
    )
    .argument('[run options...]', 'passed on to tbench run, after --')
    .addHelpText('after', examples)
    .action(async (more) => {
      tell('demo: 12 tasks, 3 attempts each; replayed model, not an evaluation');
      const run = ['--dataset', 'sample', '--model', `replay:${sampleTurns}`, '--attempts', '3', ...more];
      await runCommand().exitOverride().parseAsync(run, { from: 'user' });
      tell('demo: replayed model, not an evaluation; `tbench view` shows it in the browser');
    });
}
