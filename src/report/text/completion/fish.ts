import { placed, type CompletedCommand, type PlacedCommand } from './completed-command.js';

/** The script for fish: a line a command and option. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const all = placed(commands);
  const lines = all.flatMap((one) => [
    `complete -c tbench -f -n ${quoted(isWanted(one, commands))} -a ${one.command.name} -d ${quoted(one.command.description)}`,
    ...one.command.options.map((option) => {
      const flags = option.names.map((name) =>
        name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
      );
      const value = option.takesValue ? ' -r' : '';
      const choices = option.choices.length > 0 ? ` -f -a ${quoted(option.choices.join(' '))}` : '';
      return `complete -c tbench -n ${quoted(isGiven(one, all))} ${flags.join(' ')}${value}${choices} -d ${quoted(option.description)}`;
    }),
  ]);
  return `# Completion of tbench for fish, printed by \`tbench completion fish\`.
complete -c tbench -l help -d 'help'
${lines.join('\n')}
`;
}

/** When a command is offered: the one above it was given, and none beside it. */
function isWanted({ path }: PlacedCommand, commands: readonly CompletedCommand[]): string {
  const [first, second] = path.split(' ');
  if (second === undefined) return '__fish_use_subcommand';
  const beside = commands.find(({ name }) => name === first)?.commands.map(({ name }) => name) ?? [];
  return `__fish_seen_subcommand_from ${first}; and not __fish_seen_subcommand_from ${beside.join(' ')}`;
}

/** When it was given: `tasks check` is another command than `check`. */
function isGiven({ path }: PlacedCommand, all: readonly PlacedCommand[]): string {
  const words = path.split(' ');
  const given = words.map((word) => `__fish_seen_subcommand_from ${word}`);
  const others = all.map((one) => one.path.split(' ')).filter(([, below]) => below === words[0]);
  const not = words.length > 1 ? [] : others.map(([above]) => `not __fish_seen_subcommand_from ${above}`);
  return [...given, ...not].join('; and ');
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
