import { Command, Option, type OptionValues } from '@commander-js/extra-typings';
import { agentKinds, runChoices, runDefaults } from '../record/run-spec.js';
import { defaultResultsDir } from './default-results-dir.js';
import {
  collect,
  parseCount,
  parseCountOrAuto,
  parseCountOrZero,
  parseFactor,
  parseShard,
} from './options/parse-values.js';
import { gateOptions } from './options/gate-options.js';
import { sandboxOptions } from './options/sandbox-options.js';
import { taskOptions } from './options/task-options.js';

const examples = `
Examples:
  tbench run --model allenai/qwen35-9b-swesmith
      TB Lite and TB 2.1, 3 attempts each, against the server at $OPENAI_BASE_URL or http://127.0.0.1:8000/v1
  tbench run --model my-model --base-url http://gpu1:8000/v1 --base-url http://gpu2:8000/v1 --concurrency 32
  tbench run --agent oracle --dataset tb-lite --tasks 'log-*'
      the reference solutions of some tasks; needs no model
  tbench run --model replay:results/JOB
      a recorded job once more, from its recorded turns, in real sandboxes, without a GPU
  tbench run --model my-model --job night-7
      given again after a crash or Ctrl-C, continues where it stopped
  tbench run --model my-model --dataset tb-lite --attempts 5 --until-decided --baseline baselines/tb-lite.json
      trials in random order over tasks, until a regression or its absence is shown

A job without --job gets a name of its own; the same command again continues it if it did not finish.`;

/** `tbench run` with its options, before anything is attached to it. */
export function describeRunCommand() {
  const command = new Command('run').description(
    'Runs every attempt at every task in a sandbox of its own, runs the tests, records the trials and prints the table.',
  );
  const described = withVerificationOptions(
    withDecisionOptions(withSandboxOptions(withJobOptions(withTaskOptions(withModelOptions(command))))),
  );
  return described
    .optionsGroup('Configuration:')
    .option(
      '-c, --config <file>',
      'YAML file with these options, without their dashes; the command line wins',
    )
    .option('--print-config', 'print the options in force as such a file, and run nothing', false)
    .option(
      '--dry-run',
      'say what would run, for how long at most without builds and retries, with which images and tokens',
      false,
    )
    .option(
      '--env-file <file>',
      'file of NAME=value lines: keys, addresses, what --pass-env passes; repeatable',
      collect,
    )
    .optionsGroup('Output:')
    .option('--json', 'print the scores as JSON', false)
    .addHelpText('after', examples);
}

export type RunOptions = ReturnType<ReturnType<typeof describeRunCommand>['opts']>;

function withModelOptions(command: Command) {
  return command
    .optionsGroup('Model and agent:')
    .option(
      '-m, --model <name>',
      'model as the server lists it, or replay:DIR for recorded or scripted turns; repeatable, a job each',
      collect,
    )
    .addOption(
      new Option('-a, --agent <kind>', 'what acts: the model, the reference solution, or nothing')
        .choices(agentKinds)
        .default('model' as const),
    )
    .option(
      '--harness <name or file>',
      'how the model is turned into an agent: tmax, tmax-clamp, mini-swe-agent or a file',
      runDefaults.harness,
    )
    .option(
      '--base-url <url>',
      'OpenAI-compatible server; repeatable (default: $OPENAI_BASE_URL or http://127.0.0.1:8000/v1)',
      collect,
    )
    .option(
      '--model-concurrency <n or auto>',
      "model requests at once; auto follows the server's own load figures",
      parseCountOrAuto,
      runDefaults.modelConcurrency,
    )
    .option(
      '--outage-limit <minutes>',
      'how long to wait for a model server that went away',
      parseFactor,
      runDefaults.outageLimitMs / 60_000,
    )
    .option('--record', 'keep every request and response in the trial folders', false);
}

function withTaskOptions<O extends OptionValues>(command: Command<[], O>) {
  return command
    .optionsGroup('Tasks:')
    .addOption(taskOptions.dataset(` (default: ${runDefaults.datasets.join(' and ')})`))
    .addOption(taskOptions.tasks())
    .addOption(taskOptions.exclude())
    .addOption(taskOptions.limit())
    .option(
      '-k, --attempts <n>',
      'attempts at each task; attempt i of every task is run i',
      parseCount,
      runDefaults.attempts,
    );
}

function withJobOptions<O extends OptionValues>(command: Command<[], O>) {
  return command
    .optionsGroup('Job:')
    .option('-o, --results <dir>', 'where job folders lie', defaultResultsDir)
    .option('-j, --job <name>', 'name of the job folder; an existing one is continued')
    .option(
      '--no-adopt',
      'make trials anew that a killed process left in the middle, instead of going on in their sandboxes',
    )
    .addOption(sandboxOptions.concurrencyOrAuto())
    .option(
      '--queue <url>',
      'have workers make the trials (tbench worker): redis://host:port (default: $TBENCH_QUEUE)',
    )
    .option('--shard <i/n>', 'make part i of n of the plan, here; tbench merge joins the parts', parseShard)
    .option(
      '--retries <n>',
      'further tries of a trial that infrastructure broke',
      parseCountOrZero,
      runDefaults.retries,
    )
    .option('--fail-fast', 'end at the first trial without a verdict, with exit code 3', false)
    .option(
      '--timeout-multiplier <x>',
      'multiplies every timeout of the tasks; the table then says so',
      parseFactor,
      runDefaults.timeoutMultiplier,
    )
    .addOption(
      new Option(
        '--clock <kind>',
        'what the agent timeout is held against; working leaves out slots and retries',
      )
        .choices(runChoices.clock)
        .default(runDefaults.clock),
    );
}

function withDecisionOptions<O extends OptionValues>(command: Command<[], O>) {
  return command
    .optionsGroup('Decision:')
    .option(
      '--until-decided',
      'stop as soon as `tbench gate --sequential` can tell; ends with its exit code',
      false,
    )
    .option('--baseline <job-or-file>', 'what it is held against: a job, or a file of `tbench baseline save`')
    .addOption(gateOptions.maxDrop())
    .addOption(gateOptions.alpha())
    .addOption(gateOptions.findDrop())
    .addOption(gateOptions.miss());
}

function withSandboxOptions<O extends OptionValues>(command: Command<[], O>) {
  return command
    .optionsGroup('Sandboxes:')
    .addOption(sandboxOptions.engine())
    .addOption(sandboxOptions.pull())
    .addOption(sandboxOptions.forceBuild())
    .option(
      '--keep-sandboxes',
      'leave the containers for you to look into (tbench clean removes them)',
      false,
    )
    .option(
      '--keep-final',
      'keep each sandbox as its agent left it as an image, so that tbench regrade can run new tests on it (tbench clean --images removes them)',
      false,
    )
    .option(
      '--block-private',
      "keep sandboxes from private networks too, not only from this machine's own addresses",
      false,
    )
    .addOption(sandboxOptions.passEnv());
}

function withVerificationOptions<O extends OptionValues>(command: Command<[], O>) {
  return command
    .optionsGroup('Verification:')
    .option(
      '--verifier-retries <n>',
      'further runs of tests that did not run at all',
      parseCountOrZero,
      runDefaults.verifierRetries,
    )
    .addOption(
      new Option('--negative-control <when>', 'after a pass, check that a failing test would have failed')
        .choices(runChoices.negativeControl)
        .default(runDefaults.negativeControl),
    )
    .addOption(
      new Option(
        '--isolated-verify <when>',
        'second opinion in a fresh container; auto skips tasks that need services',
      )
        .choices(runChoices.isolated)
        .default(runDefaults.isolated),
    )
    .addOption(
      new Option(
        '--reward-file <kind>',
        'which file wins when both exist: json as Harbor does now, txt as it did',
      )
        .choices(runChoices.rewardPrecedence)
        .default(runDefaults.rewardPrecedence),
    );
}
