import { randomBytes } from 'node:crypto';
import { SandboxError } from '../base/errors.js';
import { readShellProgram } from '../base/shell/shell-program.js';

/**
 * How a process that the engine starts for us proves where it is. Each sandbox gets a random token at its making, as the
 * last word of the command line of its PID 1. Nobody else has it, and whoever reads `/proc/1/cmdline` reads it from
 * the root and the process table that he is in. An engine whose exec lands anywhere else (seen: in the host's own
 * root, where `/tests` was then removed) is found out before the program starts.
 */
export type SandboxToken = string;

/** A token for a new sandbox. */
export function newSandboxToken(): SandboxToken {
  return randomBytes(16).toString('hex');
}

/** Whether a `/proc/1/cmdline` is that of the sandbox. */
export function isCommandLineOf(token: SandboxToken, commandLine: string): boolean {
  return commandLine.includes(token);
}

/** The text of prove-sandbox.sh: what follows it runs only inside the sandbox whose token is the first argument. */
export const proof = readShellProgram('./prove-sandbox.sh', import.meta.url);

/** Starts `argv` only inside the sandbox, in the very process that looked. Elsewhere it prints `refusal` and runs nothing. */
export function provenCommand(token: SandboxToken, argv: readonly string[]): readonly string[] {
  return ['/bin/sh', '-c', `${proof}exec "$@"`, 'sh', token, ...argv];
}

/** A process was started somewhere else than in its sandbox; nothing was run. */
export class MisplacedProcessError extends SandboxError {}

/** Throws when this is what `proof` left behind. */
export function assertWasInside(
  token: SandboxToken,
  ended: { readonly exitCode: number; readonly stdout: string; readonly stderr: string },
): void {
  if (ended.exitCode !== 125 || ended.stdout !== '') return;
  if (ended.stderr.trim() !== `tbench: not in sandbox ${token}`) return;
  throw new MisplacedProcessError(
    'the container engine started a process outside the sandbox it was meant for; nothing was run',
    {
      hint: 'The engine or its runtime does not isolate exec: `tbench doctor` shows which it is. Use another runtime or another host; do not run tasks with this one.',
    },
  );
}
