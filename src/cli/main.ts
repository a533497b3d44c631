#!/usr/bin/env node
import {
  Command,
  CommanderError,
  Help,
  type CommandUnknownOpts,
  type Option,
} from '@commander-js/extra-typings';
import { describeError, InputError, TbenchError } from '../base/errors.js';
import { nearestName } from '../base/nearest-name.js';
import { exitCodeOf, exitCodes } from './exit-code.js';
import { readVersion } from '../run/version.js';
import { tell } from './tell.js';

const exitCodeHelp = `
Exit codes:
  0    done
  1    the evaluation or the gate says no
  2    wrong usage or bad input
  3    the surroundings are missing: engine, model server, disk space, data
  130  interrupted

Start here:
  tbench doctor                                   what this machine lacks, and how to mend it
  tbench run --agent oracle --dataset sample      the reference solutions, no model needed
  tbench run --model allenai/qwen35-9b-swesmith   both datasets, 3 attempts, prints the table`;

/** Loaded when asked for: a command that needs no engine and no model does not wait for their packages. */
const commands: Readonly<Record<string, () => Promise<CommandUnknownOpts>>> = {
  run: async () => (await import('./run.js')).runCommand(),
  score: async () => (await import('./score.js')).scoreCommand(),
  show: async () => (await import('./show.js')).showCommand(),
  prefetch: async () => (await import('./prefetch.js')).prefetchCommand(),
  worker: async () => (await import('./worker.js')).workerCommand(),
  merge: async () => (await import('./merge.js')).mergeCommand(),
  sweep: async () => (await import('./sweep.js')).sweepCommand(),
  curve: async () => (await import('./curve.js')).curveCommand(),
  demo: async () => (await import('./demo.js')).demoCommand(),
  status: async () => (await import('./status.js')).statusCommand(),
  pause: async () => (await import('./control.js')).pauseCommand(),
  resume: async () => (await import('./resume.js')).resumeCommand(),
  cancel: async () => (await import('./control.js')).cancelCommand(),
  set: async () => (await import('./control.js')).setCommand(),
  rerun: async () => (await import('./rerun.js')).rerunCommand(),
  logs: async () => (await import('./logs.js')).logsCommand(),
  view: async () => (await import('./view.js')).viewCommand(),
  compare: async () => (await import('./compare.js')).compareCommand(),
  gate: async () => (await import('./gate.js')).gateCommand(),
  'replay-check': async () => (await import('./replay-check.js')).replayCheckCommand(),
  regrade: async () => (await import('./regrade.js')).regradeCommand(),
  certify: async () => (await import('./certify.js')).certifyCommand(),
  baseline: async () => (await import('./baseline.js')).baselineCommand(),
  leaderboard: async () => (await import('./leaderboard.js')).leaderboardCommand(),
  check: async () => (await import('./check.js')).checkCommand(),
  export: async () => (await import('./export.js')).exportCommand(),
  report: async () => (await import('./report.js')).reportCommand(),
  tasks: async () => (await import('./tasks.js')).tasksCommand(),
  datasets: async () => (await import('./datasets.js')).datasetsCommand(),
  serve: async () => (await import('./serve.js')).serveCommand(),
  doctor: async () => (await import('./doctor.js')).doctorCommand(),
  init: async () => (await import('./init.js')).initCommand(),
  completion: async () => (await import('./completion.js')).completionCommand(allCommands),
  clean: async () => (await import('./clean.js')).cleanCommand(),
};

/** Every command with its options, for those who list them. */
async function allCommands(): Promise<readonly CommandUnknownOpts[]> {
  return Promise.all(Object.values(commands).map((load) => load()));
}

async function createProgram(asked: string | undefined): Promise<Command> {
  const program = new Command('tbench')
    .description('Terminal-Bench in podman: run tasks with a served model, score, compare, gate.')
    .version(readVersion(), '-V, --version')
    .showHelpAfterError('(add --help for the options)')
    .addHelpText('after', exitCodeHelp);
  const isVersion = asked === '-V' || asked === '--version';
  const one = Object.entries(commands).filter(([name]) => name === asked);
  const loaded = one.length > 0 || isVersion ? one : Object.entries(commands);
  for (const [, load] of loaded) program.addCommand(await load());
  throwInsteadOfExit(program);
  return program;
}

/** A command that is not there is a mistake, with --help behind it too, where commander would explain the program. */
function refuseUnknown(program: CommandUnknownOpts, args: readonly string[]): void {
  let command = program;
  for (const arg of args) {
    if (arg.startsWith('-')) return;
    const known = command.commands.map((entry) => entry.name());
    const next = command.commands.find((entry) => entry.name() === arg);
    if (next === undefined && (known.length === 0 || command.registeredArguments.length > 0)) return;
    if (next === undefined && arg !== 'help') throw unknownCommand(arg, command, known);
    command = next ?? command;
  }
}

function unknownCommand(name: string, above: CommandUnknownOpts, known: readonly string[]): InputError {
  const nearest = nearestName(name, known);
  const guess = nearest === null ? '' : `Did you mean ${nearest}? `;
  const where = above.parent === null ? '' : ` of tbench ${above.name()}`;
  return new InputError(`there is no command ${name}${where}`, {
    hint: `${guess}The commands are: ${known.join(', ')}`,
  });
}

/** A switch that is off unless it is given needs no word for that. */
function optionDescription(option: Option): string {
  if (option.defaultValue !== false) return new Help().optionDescription(option);
  const silent = Object.create(option, { defaultValue: { value: undefined } }) as Option;
  return new Help().optionDescription(silent);
}

/** Commands of commands too: an exit in the middle of one would skip the clean-up of the others. */
function throwInsteadOfExit(command: CommandUnknownOpts): void {
  command
    .configureHelp({ optionDescription })
    .exitOverride()
    .showHelpAfterError('(add --help for the options)');
  command.commands.forEach(throwInsteadOfExit);
}

async function main(argv: readonly string[]): Promise<void> {
  process.stdout.on('error', endQuietlyOnClosedPipe);
  try {
    const program = await createProgram(argv[2]);
    refuseUnknown(program, argv.slice(2));
    await program.parseAsync(argv);
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** Prints an error for a person and returns the exit code it stands for. */
function report(error: unknown): number {
  // commander has already printed its own message; --help and --version end here too, with code 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  const stack = error instanceof Error && !(error instanceof TbenchError) ? `\n${error.stack ?? ''}` : '';
  tell(`tbench: ${describeError(error)}${stack}`);
  return exitCodeOf(error);
}

/** `tbench score ... | head` is no error. */
function endQuietlyOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(exitCodes.done);
  throw error;
}

await main(process.argv);
