import { Command } from '@commander-js/extra-typings';
import { InputError } from '../base/errors.js';
import { safeJson, safeText } from '../base/safe-text.js';
import { runDefaults } from '../record/run-spec.js';
import type { Check } from '../run/doctor/check.js';
import { checkEngine } from '../run/doctor/check-engine.js';
import { checkGit, checkNode } from '../run/doctor/check-host.js';
import { checkModel } from '../run/doctor/check-model.js';
import { checkDisk } from '../run/doctor/free-space.js';
import { baseUrls } from './base-urls.js';
import { colourOn } from './colour.js';
import { defaultResultsDir } from './default-results-dir.js';
import { exitCodes } from './exit-code.js';
import { listenForInterrupt } from './interrupt.js';
import { print } from './tell.js';

const examples = `
Examples:
  tbench doctor                                             engine, limits, disk, git
  tbench doctor --model my-model --base-url http://gpu1:8000/v1
                                                            the model server too: seven checks, under 5 s a server`;

/** `tbench doctor`. */
export function doctorCommand() {
  return new Command('doctor')
    .description(
      'Checks what a run needs and says how to mend what is missing. Exit code 3 when something is.',
    )
    .option('--engine <socket>', 'container engine to check instead of the one that would be found')
    .option('--model <name>', 'also check the server of this model')
    .option('--base-url <url...>', 'its address (default: $OPENAI_BASE_URL or http://127.0.0.1:8000/v1)')
    .option(
      '--harness <name or file>',
      'harness whose budget the server must have room for',
      runDefaults.harness as string,
    )
    .option('-o, --results <dir>', 'where job folders would lie', defaultResultsDir)
    .option('--json', 'print JSON', false)
    .addHelpText('after', examples)
    .action(async (options) => {
      using interrupt = listenForInterrupt();
      const surroundings = { env: process.env, engine: options.engine ?? null, signal: interrupt.signal };
      const checks = [
        checkNode(process.version),
        await checkGit(),
        await checkDisk('disk', options.results),
        ...(await checkEngine(surroundings)),
        ...(await modelChecks(options, surroundings)),
      ];
      print(options.json ? `${safeJson({ checks })}\n` : checks.map(renderCheck).join(''));
      if (checks.some((check) => check.state === 'fail')) process.exitCode = exitCodes.environment;
    });
}

interface ModelOptions {
  readonly model?: string | undefined;
  readonly baseUrl?: readonly string[] | undefined;
  readonly harness: string;
}

/** Nothing when no model is asked about. */
async function modelChecks(
  { model, baseUrl, harness }: ModelOptions,
  surroundings: Parameters<typeof checkModel>[2],
): Promise<Check[]> {
  if (model === undefined && baseUrl === undefined) return [];
  if (model === undefined || model === '')
    throw new InputError('--base-url is checked for a model: name it with --model');
  const urls = baseUrls(baseUrl, surroundings.env);
  return checkModel({ name: model, baseUrls: urls }, harness, surroundings);
}

const stateColours = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

function renderCheck({ name, state, detail, mend }: Check): string {
  const mark = colourOn(process.stdout)(stateColours[state], state.padEnd(4));
  return `${mark}  ${name.padEnd(8)}  ${safeText(detail)}\n${mend === null ? '' : `                ${mend}\n`}`;
}
