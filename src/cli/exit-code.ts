import { CancelledError, EnvironmentError, InputError, ResultsError } from '../base/errors.js';
import { ModelError } from '../model/model-error.js';

/** Shell exit codes of every command; documented in `tbench --help` and docs/cli.md. */
export const exitCodes = {
  done: 0,
  /** The evaluation or the gate says no. */
  no: 1,
  /** Wrong usage or bad input. */
  usage: 2,
  /** Engine or model unreachable, disk full, data too thin to tell. */
  environment: 3,
  interrupted: 130,
} as const;

/** The exit code an error ends the command with. An unknown error is a bug of ours: 1. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CancelledError) return exitCodes.interrupted;
  if (error instanceof InputError) return exitCodes.usage;
  if (error instanceof EnvironmentError || error instanceof ModelError || error instanceof ResultsError) {
    return exitCodes.environment;
  }
  return exitCodes.no;
}
