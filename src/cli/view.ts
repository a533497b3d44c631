import { once } from 'node:events';
import { join } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { exportPages } from '../view/export-pages.js';
import { newToken, loopbackHosts, openView } from '../view/open-view.js';
import { defaultResultsDir } from './default-results-dir.js';
import { listenForInterrupt } from './interrupt.js';
import { parseCountOrZero } from './options/parse-values.js';
import { print, tell } from './tell.js';

const examples = `
Examples:
  tbench view                              every job of results/, live while jobs run
  tbench view harbor-jobs/                 jobs of Harbor, mini-swe-agent and Terminal-Bench 1 too
  tbench view results/my-job --port 8000   one job, at a port of your own
  tbench view --host 0.0.0.0               for other machines: the address it prints holds a token
  tbench view --export pages/              the same pages as files, for any web server or none`;

/** `tbench view [RESULTS]`. */
export function viewCommand() {
  return new Command('view')
    .description(
      'Opens a viewer in the browser: what ran, why a trial failed, what a model did in a turn, what got worse from one job to the next. Reads only; live while jobs run; Ctrl-C ends it.',
    )
    .argument('[results]', 'folder of jobs, or one job’s folder', defaultResultsDir)
    .option('--port <n>', 'port to listen on; 0 takes a free one', parseCountOrZero, 7080)
    .option('--host <address>', 'address to listen on; any other than loopback asks for a token', '127.0.0.1')
    .option('--token <text>', 'the token, instead of TBENCH_VIEW_TOKEN or a random one')
    .option('--export <dir>', 'write the pages to this folder and end')
    .addHelpText('after', examples)
    .action(async (results, flags) => {
      using interrupt = listenForInterrupt({ says: 'closing the viewer' });
      if (flags.export !== undefined) {
        const { files, bytes, leftOut } = await exportPages({
          results,
          dir: flags.export,
          signal: interrupt.signal,
        });
        tell(`${files} files, ${Math.ceil(bytes / 1e6)} MB`);
        if (leftOut > 0) tell(`${leftOut} links lead to pages that were left out: there were too many`);
        print(`${join(flags.export, 'index.html')}\n`);
        return;
      }
      const given = flags.token ?? process.env['TBENCH_VIEW_TOKEN'];
      const token = given ?? (loopbackHosts.includes(flags.host) ? null : newToken());
      await using view = await openView({ results, host: flags.host, port: flags.port, token });
      print(`${view.url}\n`);
      tell('The viewer is open at this address; Ctrl-C ends it.');
      if (!interrupt.signal.aborted) await once(interrupt.signal, 'abort');
    });
}
