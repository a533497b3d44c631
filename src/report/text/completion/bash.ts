import { placed, type CompletedCommand } from './completed-command.js';

/** The script for bash. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
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
  return `# Completion of tbench for bash, printed by \`tbench completion\`.
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
