import { EnvironmentError } from '../base/errors.js';
import type { ContainerEngine } from '../sandbox/container-engine.js';
import { findEngine } from '../sandbox/find-engine.js';

export interface EngineChoice {
  readonly engine: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly tell: (line: string) => void;
}

/** The container engine to work with, cleared of what dead tbench processes left behind. */
export async function openEngine({ engine, env, signal, tell }: EngineChoice): Promise<ContainerEngine> {
  const found = await findEngine({ engine, env, signal, onWarning: tell });
  try {
    const swept = await found.sweep();
    if (swept.length > 0) tell(`removed ${swept.length} containers of tbench processes that died`);
    return found;
  } catch (error) {
    await found[Symbol.asyncDispose]();
    throw new EnvironmentError('the container engine answers but does not list its containers', {
      cause: error,
    });
  }
}

/** The host variables a person allowed tasks to read; nothing else of the environment goes anywhere. */
export function passedEnv(
  names: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}
