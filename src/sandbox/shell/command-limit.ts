import { onAbort, startTimer } from '../../base/deadline.js';
import { InputError } from '../../base/errors.js';

/**
 * Where a command's time limit is enforced. The limit itself comes from the harness file (120 s a command by default) or from
 * the caller of `exec`. For a command in the agent's shell there are three lines of defence:
 *
 * 1. in the sandbox, supervisor/limit.sh ends the command's tree (SIGTERM, 0.4 s later SIGKILL) when the limit is reached;
 * 2. `killAfterMs` later the host demands it, should the supervisor have been held up;
 * 3. `giveUpAfterMs` after the limit the host drops the connection, and what holds it is replaced.
 *
 * A harness command (`exec`) has no supervisor watching its time: the host ends it at the limit.
 * An abort of the caller's signal ends a command at once in the same way.
 */
export interface LimitSteps {
  /** From the limit until the host demands the end. */
  readonly killAfterMs: number;
  /** From the limit until the host gives up on the connection. */
  readonly giveUpAfterMs: number;
  /** From an abort until the host gives up on the connection. */
  readonly giveUpAfterAbortMs: number;
}

export const agentCommandSteps: LimitSteps = {
  killAfterMs: 600,
  giveUpAfterMs: 8_000,
  giveUpAfterAbortMs: 1_500,
};

export const harnessCommandSteps: LimitSteps = {
  killAfterMs: 0,
  giveUpAfterMs: 6_000,
  giveUpAfterAbortMs: 6_000,
};

/** The exit code of a command that reached its limit, as coreutils' `timeout` has it. */
export const timedOutExitCode = 124;

/** What can be done to a command that is under way. */
export interface LimitedCommand {
  /** The limit is reached: ends the whole tree, SIGTERM first. */
  readonly onLimit: () => void;
  /** The caller does not want it any more: ends the whole tree at once. */
  readonly onAbort: () => void;
  /** Neither helped: drops the connection to it. */
  readonly giveUp: () => void;
}

/** Holds a command to its limit and to its caller's signal until it is disposed. */
export function enforceLimit(
  command: LimitedCommand,
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
  steps: LimitSteps,
): Disposable {
  const { timeoutMs, signal } = options;
  const timers = [
    startTimer(timeoutMs + steps.killAfterMs, command.onLimit),
    startTimer(timeoutMs + steps.giveUpAfterMs, command.giveUp),
  ];
  const abort = onAbort(signal, () => {
    command.onAbort();
    timers.push(startTimer(steps.giveUpAfterAbortMs, command.giveUp));
  });
  return {
    [Symbol.dispose]: () => {
      abort[Symbol.dispose]();
      for (const timer of timers) timer.cancel();
    },
  };
}

/** Throws InputError for a limit that is none: every command has one. */
export function checkLimit(timeoutMs: number): void {
  if (!(timeoutMs > 0)) throw new InputError(`a command's timeout must be above 0, not ${timeoutMs} ms`);
}

/** A limit as the supervisor takes it, in hundredths of a second: its clock counts no finer. */
export function supervisorLimit(timeoutMs: number): number {
  return Math.max(1, Math.ceil(timeoutMs / 10));
}
