import { Command } from '@commander-js/extra-typings';
import { InputError } from '../base/errors.js';
import { renderFollowed } from '../report/trial/turn-text.js';
import { findFolder } from '../review/find-folder.js';
import { followTurns } from '../review/turns/follow-turns.js';
import { defaultResultsDir } from './default-results-dir.js';
import { listenForInterrupt } from './interrupt.js';
import { print } from './tell.js';

const examples = `
Examples:
  tbench logs my-job/fix-git__2            what the model was told, then every turn
  tbench logs my-job/fix-git__2 --follow   of a running trial: each turn as it ends
  tbench logs my-job/fix-git__2 | less     plain text, no colours`;

/** `tbench logs TRIAL`. */
export function logsCommand() {
  return new Command('logs')
    .description('Prints the conversation of a trial as plain text: thoughts, commands, outputs.')
    .argument('<trial>', 'a trial folder, or job/trial under --results')
    .option('-o, --results <dir>', 'where names are looked up', defaultResultsDir)
    .option('--follow', 'go on while the trial runs')
    .addHelpText('after', examples)
    .action(async (name, flags) => {
      using interrupt = listenForInterrupt({ says: 'no longer following' });
      const dir = await findFolder(name, flags.results);
      const isEmpty = !(await printTurns(dir, flags.follow === true, interrupt.signal));
      if (isEmpty && !interrupt.signal.aborted)
        throw new InputError(`no conversation is recorded in ${dir}`, {
          hint: 'Oracle and nop have none; a trial that has just begun gets one with its first request: --follow waits.',
        });
    });
}

/** Prints a trial's conversation; false where there was none. */
export async function printTurns(dir: string, follow: boolean, signal: AbortSignal): Promise<boolean> {
  let isAny = false;
  for await (const one of followTurns(dir, { follow, signal })) {
    isAny = true;
    print(renderFollowed(one));
  }
  return isAny;
}
