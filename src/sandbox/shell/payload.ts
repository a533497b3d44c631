import { quoteForShell } from '../../base/shell/shell-quote.js';
import { markStatement, noteDescriptor } from './protocol.js';

/** Which shell runs the agent's text: bash where the image has it, else its /bin/sh. */
export type ShellKind = 'bash' | 'sh';

/** What persists between commands, as the container's own shell wrote it. */
export interface ShellState {
  readonly cwd: Buffer;
  /** Statements that set the exported variables (`export -p`). */
  readonly environment: Buffer;
}

export interface CommandText {
  readonly state: ShellState;
  /** Where to go when the directory from before is gone. */
  readonly fallbackDir: string;
  readonly seq: number;
  /** Delimits the state that this command dumps. */
  readonly token: string;
  readonly command: string;
}

/** The first of two texts that a slot's bash reads: it restores the state, and can come long before the command. */
export function composeStart(state: ShellState): Buffer {
  return counted(startProgram(state));
}

/** The second: the command. */
export function composeCommand(text: CommandText): Buffer {
  return counted(Buffer.from(bashProgram(text), 'latin1'));
}

/** All in one text, counted in lines, for a shell that can read nothing else. */
export function composeLines(text: CommandText): Buffer {
  const lines = Buffer.from(`${shProgram(text)}\n`, 'latin1');
  return Buffer.concat([Buffer.from(`${countLines(lines)} ${lines.length}\n`), lines]);
}

function counted(text: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${text.length}\n`), text]);
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
    .map(([name, value]) => `export ${name}=${quoteForShell(value)}\n`);
  return { ...state, environment: Buffer.concat([state.environment, Buffer.from(statements.join(''))]) };
}

/**
 * One word for bash, in ASCII and on one line: the shell that reads it counts characters, in a locale that the text before
 * may have set, and numbers the lines of what it runs from the line where the word ends. `text` is bytes as latin1.
 */
function quoteAscii(text: string): string {
  if (!/[\n\x80-\xff]/.test(text)) return quoteForShell(text);
  const escaped = text.replace(
    /[\\'\n\x80-\xff]/g,
    (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `$'${escaped}'`;
}

/** Bytes as a string of the same length, so that text of any encoding can be put together and written as latin1. */
function bytesOf(text: string | Buffer): string {
  return (typeof text === 'string' ? Buffer.from(text) : text).toString('latin1');
}

/** What bash itself keeps read-only: exporting it again would only print a complaint before every command. */
const fixedNames = 'BASHOPTS=*|SHELLOPTS=*|BASH_VERSINFO=*|UID=*|EUID=*|PPID=*';

/**
 * Brings directory and environment back and prints nothing. It may run before the command is known or together with it,
 * so a complaint of it would sometimes be part of the command's output and sometimes not.
 */
function startProgram(state: ShellState): Buffer {
  const before = [
    `{ builtin cd -- ${quoteForShell(bytesOf(state.cwd))}`,
    `declare() { case $1 in -*[aA]*) return ;; esac; shift; case $1 in ${fixedNames}) ;; *) builtin export -- "$@" ;; esac; }`,
    'builtin export -n SHELL; unset HOME',
  ].join('; ');
  const after = 'unset -f declare; [ -n "${HOME+set}" ] || HOME=~; } 2>/dev/null';
  return Buffer.concat([Buffer.from(`${before}\n`, 'latin1'), state.environment, Buffer.from(`\n${after}`)]);
}

/**
 * The program runs the text with `eval`, so that no unbalanced quote can swallow what follows it, and dumps
 * the state from an EXIT trap or, when the text set a trap of its own, after the text. The directory may have gone, or been
 * made anew, since the shell went there. All is ASCII and one line (see quoteAscii).
 */
function bashProgram({ seq, token, command, state, fallbackDir }: CommandText): string {
  const cwd = quoteAscii(bytesOf(state.cwd));
  const clear = 'builtin trap - DEBUG ERR;';
  const save = saveStatement(token, '', 'builtin ', clear);
  return [
    '{ command exec </dev/null || exec <&-; } 2>/dev/null',
    `builtin ${markStatement(seq)}`,
    `{ [ . -ef ${cwd} ] || builtin cd -- ${cwd} || { builtin cd -- ${quoteAscii(bytesOf(fallbackDir))} || builtin cd /; ${lostStatement(token, 'builtin ')}; }; } 2>/dev/null`,
    'unset _tbench',
    `builtin trap ${quoteForShell(saveStatement(token, '!', 'builtin ', clear))} EXIT`,
    '[ -z "${BASH_ENV-}" ] || [ ! -r "$BASH_ENV" ] || . "$BASH_ENV"',
    `eval ${quoteAscii(bytesOf(command))}`,
    `{ builtin set -- "$?"; builtin set +x; } 2>/dev/null; ${save}; builtin exit "$1"`,
  ].join('; ');
}

function shProgram({ seq, token, command, state, fallbackDir }: CommandText): string {
  const save = saveStatement(token, '', '', '');
  return [
    '{ command exec </dev/null || exec <&-; } 2>/dev/null',
    markStatement(seq),
    `cd -- ${quoteForShell(bytesOf(state.cwd))} 2>/dev/null; _tbench=$?`,
    `eval ${quoteForShell(bytesOf(state.environment))}`,
    `[ "$_tbench" = 0 ] || { cd -- ${quoteForShell(bytesOf(fallbackDir))} || cd /; ${lostStatement(token, '')}; } 2>/dev/null`,
    'unset _tbench _tbench_text _tbench_line',
    `trap ${quoteForShell(saveStatement(token, '!', '', ''))} EXIT`,
    `eval ${quoteForShell(bytesOf(command))}`,
    `{ set -- "$?"; set +x; } 2>/dev/null; ${save}; exit "$1"`,
  ].join('; ');
}

function lostStatement(token: string, builtin: string): string {
  return `${builtin}printf '\\001%s{\\nlost-cwd\\n\\001%s}\\n' ${token} ${token} >>"/proc/$PPID/fd/${noteDescriptor}"`;
}

const stderrDescriptor = 2;

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
  const save = `for _tbench in ${noteDescriptor} ${stderrDescriptor}; do { ${dump}; } >>"/proc/$PPID/fd/$_tbench" && ${builtin}break; done`;
  return `{ [ -n "\${_tbench_saved-}" ] || { _tbench_saved=1; ${builtin}set +vx; ${clear} [ . -ef "$PWD" ] || PWD=$(${builtin}pwd); ${save}; }; } 2>/dev/null || :`;
}
