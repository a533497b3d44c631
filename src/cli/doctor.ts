import { Command } from '@commander-js/extra-typings';
import { loadHarness } from '../agent/harness/load-harness.js';
import { InputError } from '../base/errors.js';
import { preflight } from '../model/preflight/preflight.js';
import { findEngine } from '../sandbox/find-engine.js';
import { colour } from './colour.js';
import {
  checkDisk,
  checkEngine,
  checkEngineDisk,
  checkGit,
  checkImage,
  checkNode,
  checkSandbox,
  failed,
  type Check,
} from './doctor-checks.js';
import { exitCodes } from './exit-code.js';
import { listenForInterrupt } from './interrupt.js';
import { baseUrls, preflightOptions } from './open-model.js';
import { defaultResultsDir } from './read-jobs.js';

const examples = `
Examples:
  tbench doctor                                             engine, limits, disk, git
  tbench doctor --model my-model --base-url http://gpu1:8000/v1
                                                            the model server too: seven checks, under 5 s a server`;

export function doctorCommand() {
  return new Command('doctor')
    .description(
      'Checks what a run needs and says how to mend what is missing. Exit code 3 when something is.',
    )
    .option('--engine <socket>', 'container engine to check instead of the one that would be found')
    .option('--model <name>', 'also check the server of this model')
    .option('--base-url <url...>', 'its address (default: $OPENAI_BASE_URL or http://127.0.0.1:8000/v1)')
    .option('--harness <name or file>', 'harness whose budget the server must have room for', 'tmax')
    .option('--results <dir>', 'where job folders would lie', defaultResultsDir)
    .option('--json', 'print JSON', false)
    .addHelpText('after', examples)
    .action(async (options) => {
      using interrupt = listenForInterrupt();
      const checks = [checkNode(process.version), await checkGit(), await checkDisk('disk', options.results)];
      checks.push(...(await engineChecks(options.engine, interrupt.signal)));
      if (options.model !== undefined || options.baseUrl !== undefined) {
        checks.push(...(await modelChecks(options, interrupt.signal)));
      }
      process.stdout.write(
        options.json ? `${JSON.stringify({ checks }, null, 2)}\n` : checks.map(renderCheck).join(''),
      );
      if (checks.some((check) => check.state === 'fail')) process.exitCode = exitCodes.environment;
    });
}

async function engineChecks(engine: string | undefined, signal: AbortSignal): Promise<Check[]> {
  try {
    await using found = await findEngine({ engine, env: process.env, signal });
    const image = await checkImage(found, signal);
    const checks = [checkEngine(found), ...(await checkEngineDisk(found.info)), image];
    return image.state === 'fail' ? checks : [...checks, await checkSandbox(found, signal)];
  } catch (error) {
    signal.throwIfAborted();
    return [failed('engine', error, 'Install podman, then run tbench doctor again.')];
  }
}

async function modelChecks(
  options: {
    readonly model?: string | undefined;
    readonly baseUrl?: readonly string[] | undefined;
    readonly harness: string;
  },
  signal: AbortSignal,
): Promise<Check[]> {
  const model = options.model ?? '';
  if (model === '') throw new InputError('--base-url is checked for a model: name it with --model');
  const harness = await loadHarness(options.harness);
  const urls = baseUrls(options.baseUrl, process.env);
  try {
    const report = await preflight(preflightOptions({ model, urls, harness, env: process.env, signal }));
    return report.servers.flatMap(({ baseUrl, checks }) =>
      checks.map((check) => ({
        ...check,
        detail: urls.length > 1 ? `${baseUrl}: ${check.detail}` : check.detail,
      })),
    );
  } catch (error) {
    signal.throwIfAborted();
    return [failed('model', error, 'Start the model server; tbench serve MODEL prints the command.')];
  }
}

const stateColours = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

function renderCheck({ name, state, detail, mend }: Check): string {
  const mark = colour(stateColours[state], state.padEnd(4));
  const clean = detail.replace(/\p{Cc}/gu, ' ');
  return `${mark}  ${name.padEnd(8)}  ${clean}\n${mend === null ? '' : `                ${mend}\n`}`;
}
