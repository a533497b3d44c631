import type { CommandResult } from '../sandbox.js';
import type { OutputCapture } from './output-capture.js';
import { timedOutExitCode } from './command-limit.js';
import type { CommandEnd, RunningCommand } from './channel/running-command.js';

const stateKept = 'The working directory and environment are those from before it.';

/** What an agent is told of a command that did something to its shell, or to which something was done. */
export function noticesOf(running: RunningCommand, end: CommandEnd, fallbackDir: string): readonly string[] {
  const notices: string[] = [];
  if (running.lostDirectory)
    notices.push(`The working directory from before no longer exists; the command ran in ${fallbackDir}.`);
  if (running.relieved > 0) {
    notices.push(
      `The process limit was reached: ${running.relieved} processes left by earlier commands were killed to start this one.`,
    );
  }
  if (end.kind === 'exited' && end.outputLost)
    notices.push('The process that passes on the output was killed; output may be missing.');
  if (end.kind === 'waiter-killed') {
    notices.push(
      'The processes of the shell were killed while this command ran; what was left of it was stopped. ' +
        stateKept,
    );
  }
  if (end.kind === 'closed') {
    notices.push(
      'The shell was lost while this command ran and was started anew; the command was stopped. ' + stateKept,
    );
  }
  return notices;
}

function exitCodeOf(running: RunningCommand, end: CommandEnd): number {
  if (running.timedOut) return timedOutExitCode;
  return end.kind === 'exited' ? end.exitCode : 137;
}

/** A command that has ended, however we came to know. */
export interface EndedCommand {
  readonly running: RunningCommand;
  readonly end: CommandEnd;
  readonly capture: OutputCapture;
  readonly durationMs: number;
  readonly oomKillsBefore: Promise<number | null>;
}

export async function resultOf(
  { running, end, capture, durationMs, oomKillsBefore }: EndedCommand,
  { notices, oomKills }: { readonly notices: readonly string[]; readonly oomKills: number },
): Promise<CommandResult> {
  return {
    output: capture.finish(),
    exitCode: exitCodeOf(running, end),
    timedOut: running.timedOut,
    outOfMemory: oomKills > ((await oomKillsBefore) ?? oomKills),
    notice: notices.length === 0 ? null : notices.join(' '),
    durationMs,
  };
}

/** The result of a command that cannot be given to a shell. */
export function refused(reason: string): CommandResult {
  const output = { head: `tbench: ${reason}\n`, tail: '', elided: 0, totalBytes: 0 };
  return { output, exitCode: 126, timedOut: false, outOfMemory: false, notice: null, durationMs: 0 };
}
