import type { HostVariables } from '../base/host-variables.js';
import { ownOf } from '../base/json-value.js';
import { TaskError } from '../base/errors.js';
import type { Task } from './task.js';

const reference = /^\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([\s\S]*))?\}$/;

/** A task needs a variable of the host that it does not get. */
class MissingVariableError extends TaskError {
  constructor(
    message: string,
    readonly variable: string,
  ) {
    super(message, { hint: `export ${variable}=... and run again with --pass-env ${variable}` });
  }
}

/** The host variables that a task needs and that are not there, each with the line that says where it is needed. */
export function missingVariables(
  task: Pick<Task, 'name' | 'environment' | 'verifier' | 'solution'>,
  hostEnv: HostVariables,
  options: { readonly solves: boolean },
): readonly { readonly variable: string; readonly text: string }[] {
  const tables = {
    'environment.env': task.environment.env,
    'verifier.env': task.verifier.env,
    ...(options.solves ? { 'solution.env': task.solution.env } : {}),
  };
  return Object.entries(tables).flatMap(([where, env]) =>
    Object.entries(env).flatMap(([key, value]) => {
      try {
        resolveEnv({ [key]: value }, hostEnv, `${task.name}: ${where}`);
        return [];
      } catch (error) {
        if (!(error instanceof MissingVariableError)) throw error;
        return [{ variable: error.variable, text: error.message }];
      }
    }),
  );
}

/**
 * Fills in the values of a task's `env` table that are entirely `${NAME}` or `${NAME:-default}` from the
 * host's environment; any other value is taken as written. A name that is neither set nor defaulted throws
 * TaskError; `where` says whose table it is (`fix-git: verifier.env`).
 */
export function resolveEnv(
  env: Readonly<Record<string, string>>,
  hostEnv: HostVariables,
  where = 'env',
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([key, value]) => [key, resolveValue(value, hostEnv, `${where}.${key}`)]),
  );
}

function resolveValue(value: string, hostEnv: HostVariables, where: string): string {
  const match = reference.exec(value);
  if (match === null) return value;
  const [, name = '', fallback] = match;
  const found = ownOf(hostEnv, name);
  if (found !== undefined && (found !== '' || fallback === undefined)) return found;
  if (fallback !== undefined) return fallback;
  throw new MissingVariableError(
    `${where} needs ${name} from the environment, which is not set or not passed`,
    name,
  );
}
