import { TaskError } from '../base/errors.js';

const reference = /^\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([\s\S]*))?\}$/;

/**
 * Fills in the values of a task's `env` table that are entirely `${NAME}` or `${NAME:-default}` from the
 * host's environment; any other value is taken as written. A name that is neither set nor defaulted throws
 * TaskError; `where` says whose table it is (`fix-git: verifier.env`).
 */
export function resolveEnv(
  env: Readonly<Record<string, string>>,
  hostEnv: Readonly<Record<string, string | undefined>>,
  where = 'env',
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([key, value]) => [key, resolveValue(value, hostEnv, `${where}.${key}`)]),
  );
}

function resolveValue(
  value: string,
  hostEnv: Readonly<Record<string, string | undefined>>,
  where: string,
): string {
  const match = reference.exec(value);
  if (match === null) return value;
  const [, name = '', fallback] = match;
  const found = hostEnv[name];
  if (found !== undefined && (found !== '' || fallback === undefined)) return found;
  if (fallback !== undefined) return fallback;
  throw new TaskError(`${where} needs ${name} from the environment, which is not set`, {
    hint: `export ${name}=... and run again with --pass-env ${name}`,
  });
}
