export const shells = ['bash', 'zsh', 'fish'] as const;

/** A command as a shell completes it. */
export interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly {
    /** `-m`, `--model`. */
    readonly names: readonly string[];
    readonly description: string;
    readonly choices: readonly string[];
    readonly takesValue: boolean;
  }[];
  readonly commands: readonly CompletedCommand[];
}

/** A script that makes a shell complete the commands, their options, and the choices of these; files where any value goes. */
export function renderCompletion(
  shell: (typeof shells)[number],
  commands: readonly CompletedCommand[],
): string {
  if (shell === 'fish') return fish(commands);
  const script = bash(commands);
  return shell === 'bash'
    ? script
    : `#compdef tbench\nautoload -U +X bashcompinit && bashcompinit\n${script}`;
}

/** A command with the words that lead to it: `tasks check`. */
interface Placed {
  readonly path: string;
  readonly command: CompletedCommand;
}

function placed(commands: readonly CompletedCommand[], above = ''): Placed[] {
  return commands.flatMap((command) => {
    const path = above === '' ? command.name : `${above} ${command.name}`;
    return [{ path, command }, ...placed(command.commands, path)];
  });
}

function bash(commands: readonly CompletedCommand[]): string {
  const all = placed(commands);
  const words = [`    '') words='${commands.map(({ name }) => name).join(' ')} --help --version' ;;`];
  const values: string[] = [];
  for (const { path, command } of all) {
    const names = [
      ...command.commands.map(({ name }) => name),
      ...command.options.flatMap(({ names: some }) => some),
    ];
    words.push(`    '${path}') words='${[...names, '--help'].join(' ')}' ;;`);
    for (const { names: some, choices, takesValue } of command.options)
      if (takesValue)
        values.push(
          `    ${some.map((name) => `'${path} ${name}'`).join(' | ')}) choices='${choices.join(' ')}' takes=1 ;;`,
        );
  }
  const paths = all.map(({ path }) => `'${path}'`).join(' | ');
  return `# Completion of tbench for bash (and zsh), printed by \`tbench completion\`.
_tbench() {
  local path='' word words='' choices='' takes='' current=\${COMP_WORDS[COMP_CWORD]}
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+$path }$word" in
    ${paths}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path \${COMP_WORDS[COMP_CWORD-1]}" in
${values.join('\n')}
  esac
  if [ -n "$takes" ]; then
    if [ -n "$choices" ]; then COMPREPLY=($(compgen -W "$choices" -- "$current")); else COMPREPLY=($(compgen -f -- "$current")); fi
    return
  fi
  case "$path" in
${words.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  case $current in -*) ;; *) [ -z "$path" ] || COMPREPLY+=($(compgen -f -- "$current")) ;; esac
}
complete -o filenames -F _tbench tbench
`;
}

function fish(commands: readonly CompletedCommand[]): string {
  const lines = placed(commands).flatMap(({ path, command }) => {
    const [first = '', second] = path.split(' ');
    const above = second === undefined ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${first}`;
    const seen = second === undefined ? first : second;
    return [
      `complete -c tbench -f -n '${above}' -a ${command.name} -d ${quoted(command.description)}`,
      ...command.options.map((option) => {
        const flags = option.names.map((name) =>
          name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
        );
        const value = option.takesValue ? ' -r' : '';
        const choices = option.choices.length > 0 ? ` -f -a ${quoted(option.choices.join(' '))}` : '';
        return `complete -c tbench -n '__fish_seen_subcommand_from ${seen}' ${flags.join(' ')}${value}${choices} -d ${quoted(option.description)}`;
      }),
    ];
  });
  return `# Completion of tbench for fish, printed by \`tbench completion fish\`.\n${lines.join('\n')}\n`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
