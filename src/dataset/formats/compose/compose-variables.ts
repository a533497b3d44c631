import { createHash } from 'node:crypto';
import path from 'node:path';
import type { TaskEnvironment } from '../../task.js';
import type { Variables } from './interpolate.js';

/**
 * What a compose file of an environment may name: `[environment.env]`, and Harbor's own. Where the task sets no limit, CPUS and
 * MEMORY are not set. `owner` is the trial.
 */
export function composeVariables(
  environment: Pick<TaskEnvironment, 'compose' | 'dockerImage' | 'cpus' | 'memoryBytes'>,
  { env, owner }: { readonly env: Readonly<Record<string, string>>; readonly owner: string },
): Variables {
  const { compose, dockerImage, cpus, memoryBytes } = environment;
  if (compose === null) return env;
  return {
    ...env,
    COMPOSE_PROJECT_NAME: projectName(owner),
    MAIN_IMAGE_NAME: mainImageName(compose.file),
    CONTEXT_DIR: path.dirname(compose.file),
    ...(dockerImage === null ? {} : { PREBUILT_IMAGE_NAME: dockerImage }),
    ...(cpus === null ? {} : { CPUS: String(cpus) }),
    ...(memoryBytes === null ? {} : { MEMORY: `${Math.round(memoryBytes / 2 ** 20)}M` }),
  };
}

/** What Compose takes as a project's name of Harbor's `<trial>__env`. */
function projectName(owner: string): string {
  return `${owner}__env`
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, '-')
    .replace(/^(?![a-z0-9])/, '0');
}

/** The name by which a compose file can speak of main's image, in Harbor's form. */
export function mainImageName(file: string): string {
  return `hb__${createHash('sha256').update(file).digest('hex').slice(0, 32)}`;
}
