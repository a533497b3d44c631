/**
 * Errors of tbench. Outcomes (a timeout, exit 1, a spent budget, a missing reward) are values, never errors.
 * An error is bad input, broken infrastructure, or a bug of ours. Its message says what failed, on which
 * thing and with which value; `hint` says what to do next.
 */
export interface ErrorDetails {
  /** What the reader can do about it; printed under the message. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** Base of every error that tbench throws on purpose. `code` is stable and meant for machines. */
export class TbenchError extends Error {
  readonly code: string = 'error';
  readonly hint: string | undefined;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.hint = details.hint;
  }
}

/** Wrong usage or unreadable input of the user: a flag, a harness file, a job name. Shell exit code 2. */
export class InputError extends TbenchError {
  override readonly code: string = 'bad-input';
}

/** A task or dataset that cannot be loaded or cannot be run. Names the file and the key. Shell exit code 2. */
export class TaskError extends InputError {
  override readonly code = 'bad-task';
}

/** A file of a results folder that cannot be read or written. */
export class ResultsError extends TbenchError {
  override readonly code = 'bad-results';
}

/** Another living process works on the same job. Shell exit code 2. */
export class LockedError extends InputError {
  override readonly code = 'locked';
}

/** The surroundings are missing: no container engine, no network, no space. Shell exit code 3. */
export class EnvironmentError extends TbenchError {
  override readonly code: string = 'environment';
}

/** An image could not be pulled or built. Blame: infrastructure; a Dockerfile that fails is a `TaskError`. */
export class ImageError extends EnvironmentError {
  override readonly code = 'image';
  /** Asking again would fail the same way: nobody does, for any trial of this process. */
  readonly isFinal: boolean;

  constructor(
    message: string,
    { isFinal = false, ...details }: ErrorDetails & { readonly isFinal?: boolean } = {},
  ) {
    super(message, details);
    this.isFinal = isFinal;
  }
}

/** The sandbox itself failed, as opposed to a command in it. Never shown to the agent. Blame: infrastructure. */
export class SandboxError extends TbenchError {
  override readonly code = 'sandbox';
}

/** The work was cancelled from outside (Ctrl-C, a job that stops). Shell exit code 130. */
export class CancelledError extends TbenchError {
  override readonly code = 'cancelled';
}

/** One line for people: message, then the hint, then the causes' messages. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const hint = error instanceof TbenchError && error.hint !== undefined ? `\n  ${error.hint}` : '';
  const cause = error.cause === undefined ? '' : `\n  cause: ${describeError(error.cause)}`;
  return `${error.message}${hint}${cause}`;
}
