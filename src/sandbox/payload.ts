import { markBase } from './supervisor-trees.js';

/** Which shell runs the agent's text: bash where the image has it, else its /bin/sh. */
export type ShellKind = 'bash' | 'sh';

/** What persists between commands, as the container's own shell wrote it. */
export interface ShellState {
  readonly cwd: Buffer;
  /** Statements that set the exported variables (`export -p`). */
  readonly environment: Buffer;
}

export interface CommandText {
  readonly seq: number;
  /** Delimits the state that this command dumps. */
  readonly token: string;
  readonly command: string;
  readonly state: ShellState;
  /** Where to go when the directory from before is gone. */
  readonly fallbackDir: string;
}

/** The bytes for the slot's shell: header, state, program. Counted in bytes for bash, in lines for other shells. */
export function composePayload(kind: ShellKind, text: CommandText): Buffer {
  const program = Buffer.from(kind === 'bash' ? bashProgram(text) : '', 'latin1');
  if (kind === 'bash') {
    const { environment } = text.state;
    return Buffer.concat([Buffer.from(`${environment.length} ${program.length}\n`), environment, program]);
  }
  const lines = Buffer.from(`${shProgram(text)}\n`, 'latin1');
  return Buffer.concat([Buffer.from(`${countLines(lines)} ${lines.length}\n`), lines]);
}

/** What a command dumps when its directory from before is gone. */
export const lostDirectoryDump = Buffer.from('lost-cwd\n');

/** `!`: begins the dump of a shell that did not come to the end of its text. */
export const trapDumpPrefix = 0x21;

/** Newlines in `bytes`. */
export function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) count += 1;
  return count;
}

/** Splits a dump (`pwd`, a line with the token, `export -p`); null when it is not one. */
export function parseState(dump: Buffer, token: string): ShellState | null {
  const divider = Buffer.from(`\n\u0001${token}|\n`);
  const end = dump.indexOf(divider);
  if (end < 1 || dump[0] !== 0x2f) return null;
  return { cwd: dump.subarray(0, end), environment: dump.subarray(end + divider.length) };
}

/** A state with more variables exported. Names that no shell accepts are left out. */
export function withVariables(state: ShellState, variables: Readonly<Record<string, string>>): ShellState {
  const statements = Object.entries(variables)
    .filter(([name]) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    .map(([name, value]) => `export ${name}=${quote(value)}\n`);
  return { ...state, environment: Buffer.concat([state.environment, Buffer.from(statements.join(''))]) };
}

/** One word for any POSIX shell. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Bytes as a string of the same length, so that text of any encoding can be put together and written as latin1. */
function bytesOf(text: string | Buffer): string {
  return (typeof text === 'string' ? Buffer.from(text) : text).toString('latin1');
}

/** What bash itself keeps read-only: exporting it again would only print a complaint before every command. */
const fixedNames = 'BASHOPTS=*|SHELLOPTS=*|BASH_VERSINFO=*|UID=*|EUID=*|PPID=*';

/**
 * The program runs the text with `eval`, so that no unbalanced quote can swallow what follows it, and dumps
 * the state from an EXIT trap or, when the text set a trap of its own, after the text. All before the text stands on one
 * line: error messages then count the agent's lines.
 */
function bashProgram({ seq, token, command, state, fallbackDir }: CommandText): string {
  const clear = 'builtin trap - DEBUG ERR;';
  const save = saveStatement(token, '', 'builtin ', clear);
  return [
    '{ command exec </dev/null || exec <&-; } 2>/dev/null',
    `builtin ulimit -S -m ${markBase + seq} 2>/dev/null`,
    `builtin cd -- ${quote(bytesOf(state.cwd))} 2>/dev/null; r=$?`,
    `declare() { case $1 in -*[aA]*) return ;; esac; shift; case $1 in ${fixedNames}) ;; *) builtin export -- "$@" ;; esac; }`,
    'builtin export -n SHELL; unset HOME',
    'eval "$s"; unset -f declare',
    '[ -n "${HOME+set}" ] || HOME=~',
    `[ "$r" = 0 ] || { builtin cd -- ${quote(bytesOf(fallbackDir))} || builtin cd /; builtin printf '\\001%s{\\nlost-cwd\\n\\001%s}\\n' ${token} ${token} >>/proc/$PPID/fd/9; } 2>/dev/null`,
    'unset n m s x r',
    `builtin trap ${quote(saveStatement(token, '!', 'builtin ', clear))} EXIT`,
    '[ -z "${BASH_ENV-}" ] || [ ! -r "$BASH_ENV" ] || . "$BASH_ENV"',
    `eval ${quote(bytesOf(command))}`,
    `{ builtin set -- "$?"; builtin set +x; } 2>/dev/null; ${save}; builtin exit "$1"`,
  ].join('; ');
}

function shProgram({ seq, token, command, state, fallbackDir }: CommandText): string {
  const save = saveStatement(token, '', '', '');
  return [
    '{ command exec </dev/null || exec <&-; } 2>/dev/null',
    `ulimit -S -m ${markBase + seq} 2>/dev/null`,
    `cd -- ${quote(bytesOf(state.cwd))} 2>/dev/null; r=$?`,
    `eval ${quote(bytesOf(state.environment))}`,
    `[ "$r" = 0 ] || { cd -- ${quote(bytesOf(fallbackDir))} || cd /; printf '\\001%s{\\nlost-cwd\\n\\001%s}\\n' ${token} ${token} >>/proc/$PPID/fd/9; } 2>/dev/null`,
    'unset n l x r',
    `trap ${quote(saveStatement(token, '!', '', ''))} EXIT`,
    `eval ${quote(bytesOf(command))}`,
    `{ set -- "$?"; set +x; } 2>/dev/null; ${save}; exit "$1"`,
  ].join('; ');
}

/** Where a slot's shells leave their state (see supervisor-slots.ts). */
const note = '/proc/$PPID/fd/9';

/**
 * Writes the state to the slot's note, or where that has no room to the waiter's stderr, whatever the text did to its own
 * descriptors and options. $PWD is whatever the text made of it: it counts if it is true.
 */
function saveStatement(token: string, prefix: string, builtin: string, clear: string): string {
  const dump = [
    `${builtin}printf '\\001%s{\\n${prefix}%s\\n\\001%s|\\n' ${token} "$PWD" ${token}`,
    `${builtin}export -p`,
    `${builtin}printf '\\001%s}\\n' ${token}`,
  ].join(' && ');
  const save = `[ . -ef "$PWD" ] || PWD=$(${builtin}pwd); { ${dump}; } >>${note} || { ${dump}; } >/proc/$PPID/fd/2`;
  return `{ [ -n "\${_tbench_saved-}" ] || { _tbench_saved=1; ${builtin}set +vx; ${clear} ${save}; }; } 2>/dev/null || :`;
}
