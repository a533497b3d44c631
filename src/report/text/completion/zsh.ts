import { quoteForShell } from '../../../base/shell/shell-quote.js';
import { placed, type CompletedCommand, type PlacedCommand } from './completed-command.js';

/**
 * The script for zsh, a completion of its own kind: through bashcompinit the first Tab of a shell would find nothing. It serves as a
 * file in $fpath and where it is sourced.
 */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  const all = placed(commands);
  const paths = all.map(({ path }) => quoteForShell(path)).join(' | ');
  return `#compdef tbench
# Completion of tbench for zsh, printed by \`tbench completion zsh\`.
_tbench() {
  local place='' word
  local -a names flags
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "\${place:+$place }$word" in
    ${paths}) place="\${place:+$place }$word" ;;
    esac
  done
  case "$place \${words[CURRENT-1]}" in
${all.flatMap(valueCases).join('\n')}
  esac
  case "$place" in
    '') names=(${described(commands)}) flags=('--help:help' '--version:version') ;;
${all.map(wordCase).join('\n')}
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then
    _describe -o option flags
    return
  fi
  (( \${#names} )) && _describe command names
  [[ -z "$place" ]] || _files
}
if [ "\${funcstack[1]}" = _tbench ]; then _tbench "$@"; else compdef _tbench tbench; fi
`;
}

/** What follows an option that takes a value. */
function valueCases({ path, command }: PlacedCommand): string[] {
  return command.options
    .filter(({ takesValue }) => takesValue)
    .map(({ names, choices }) => {
      const before = names.map((name) => quoteForShell(`${path} ${name}`)).join(' | ');
      const offer = choices.length > 0 ? `compadd -- ${choices.map(quoteForShell).join(' ')}` : '_files';
      return `    ${before}) ${offer}; return ;;`;
    });
}

function wordCase({ path, command }: PlacedCommand): string {
  const flags = command.options.flatMap(({ names, description }) =>
    names.map((name) => quoteForShell(`${name}:${description}`)),
  );
  return `    ${quoteForShell(path)}) names=(${described(command.commands)}) flags=(${[...flags, "'--help:help'"].join(' ')}) ;;`;
}

function described(commands: readonly CompletedCommand[]): string {
  return commands.map(({ name, description }) => quoteForShell(`${name}:${description}`)).join(' ');
}
