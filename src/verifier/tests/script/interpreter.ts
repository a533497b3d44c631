/** What a script's first line asks for: bash, which reads it here with these options, or a program that gets its path. */
export type Interpreter =
  | { readonly kind: 'bash'; readonly options: readonly string[] }
  | { readonly kind: 'other'; readonly argv: readonly string[] };

/** Options that `set` takes as well as the command line; bash with any other is started with them. */
const settable = /^(?:[-+][abefhkmnpuvxBCEHPT]+|[-+][abefhkmnpuvxBCEHPT]*o [a-z]+)( |$)/;

/**
 * Reads the first line as the kernel does, but words apart: it would hand on all that follows the program as one, which makes
 * `/usr/bin/env bash -eu` a program that nobody has. A script without such a line is for bash, as upstream runs it.
 */
export function interpreterOf(script: string): Interpreter {
  const line = /^#!([^\n]{0,1000})/.exec(script)?.[1] ?? '';
  const words = line.split(/\s+/).filter((word) => word !== '');
  if (words[0]?.endsWith('/env') === true && words[1] === '-S') words.splice(1, 1);
  const argv = words[0]?.endsWith('/env') === true && words[1] === 'bash' ? words.slice(1) : words;
  const [program = 'bash', ...options] = argv;
  if (program.split('/').at(-1) !== 'bash') return { kind: 'other', argv };
  const given = options.filter((word) => word !== '-' && word !== '--');
  return areSettable(given.join(' ')) ? { kind: 'bash', options: given } : { kind: 'other', argv };
}

function areSettable(options: string): boolean {
  let rest = options;
  while (rest !== '') {
    const next = settable.exec(rest);
    if (next === null) return false;
    rest = rest.slice(next[0].length);
  }
  return true;
}
