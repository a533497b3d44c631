import { Argument, Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import type { CompletedCommand } from '../report/text/completion/completed-command.js';
import { renderCompletion, shells } from '../report/text/completion/completion.js';
import { print } from './tell.js';

const examples = `
Examples:
  tbench completion bash > ~/.local/share/bash-completion/completions/tbench
  tbench completion zsh > "\${fpath[1]}/_tbench"
  tbench completion fish > ~/.config/fish/completions/tbench.fish`;

/** `tbench completion`. */
export function completionCommand(allCommands: () => Promise<readonly CommandUnknownOpts[]>) {
  return new Command('completion')
    .description('Prints a script with which a shell completes the commands and options of tbench.')
    .addArgument(new Argument('<shell>', 'whose script').choices(shells))
    .addHelpText('after', examples)
    .action(async (shell) => {
      const commands = (await allCommands()).map(describe);
      print(renderCompletion(shell, commands));
    });
}

function describe(command: CommandUnknownOpts): CompletedCommand {
  return {
    name: command.name(),
    description: firstSentence(command.description()),
    options: command.options.map(({ short, long, description, argChoices, required, optional }) => ({
      names: [short, long].flatMap((name) => name ?? []),
      description: firstSentence(description),
      choices: argChoices ?? [],
      takesValue: required || optional,
    })),
    commands: command.commands.map(describe),
  };
}

function firstSentence(text: string): string {
  return (/^[^.;\n]*/.exec(text)?.[0] ?? '').trim();
}
