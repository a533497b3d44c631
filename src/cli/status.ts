import { safeJson } from '../base/safe-text.js';
import { Command } from '@commander-js/extra-typings';
import { sleep } from '../base/deadline.js';
import { renderStatus } from '../report/status-text.js';
import { findFolder } from '../review/find-folder.js';
import { readJobStatus } from '../review/live/job-status.js';
import { defaultResultsDir } from './default-results-dir.js';
import { listenForInterrupt } from './interrupt.js';
import { terminalWidth } from './terminal-width.js';
import { print, wipeScreen } from './tell.js';

const examples = `
Examples:
  tbench status                  the job that was worked on last: what ended, what runs, when it will be over
  tbench status my-job --watch   the same, every two seconds until it is over
  tbench status my-job --json | jq .running`;

const watchEveryMs = 2_000;

/** `tbench status [JOB]`. */
export function statusCommand() {
  return new Command('status')
    .description('Tells where a job stands, running or not, from any terminal.')
    .argument(
      '[job]',
      'a job folder, or a name under --results; latest is the job that was worked on last',
      'latest',
    )
    .option('-o, --results <dir>', 'where names are looked up', defaultResultsDir)
    .option('--watch', 'again and again until the job is over')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action(async (name, flags) => {
      using interrupt = listenForInterrupt({ says: 'no longer watching' });
      const dir = await findFolder(name, flags.results);
      for (let isFirst = true; !interrupt.signal.aborted; isFirst = false) {
        const now = new Date();
        const status = await readJobStatus(dir, now);
        const text =
          flags.json === true ? `${safeJson(status, 0)}\n` : renderStatus(status, now, terminalWidth());
        // On a terminal the last one is wiped; elsewhere each follows the other.
        const isWiped = process.stdout.isTTY && flags.watch === true && flags.json !== true;
        if (isWiped) wipeScreen();
        print(isWiped || isFirst || flags.json === true ? text : `\n${text}`);
        if (flags.watch !== true || status.state !== 'running') return;
        await sleep(watchEveryMs, interrupt.signal).catch(() => undefined);
      }
    });
}
