import path from 'node:path';
import { TaskError } from '../../../base/errors.js';
import type { ComposeSource } from '../../compose.js';
import { isFile, readTaskText } from '../../task-files.js';
import { composeVariables } from '../compose/compose-variables.js';
import { passesRules } from '../../../record/service-spec.js';
import { sizeBytes } from '../compose/units.js';
import { readProject } from '../compose/read-project.js';
import type { BuildRecipe } from './environment.js';
import type { EnvironmentToml } from './schema.js';

/** Only this name: Harbor takes other compose files for material that a Dockerfile may copy. */
export const composeName = 'docker-compose.yaml';

/**
 * How a folder (`environment/`, or a verifier's tests) gives an image: by a compose file, a Dockerfile or both; null when it
 * does neither.
 */
export async function findRecipe(
  folder: string,
  { taskDir, table }: { readonly taskDir: string; readonly table: EnvironmentToml },
): Promise<BuildRecipe | null> {
  const hasDockerfile = await isFile(path.join(folder, 'Dockerfile'));
  const buildContext = hasDockerfile ? folder : null;
  const file = path.join(folder, composeName);
  if (!(await isFile(file))) return hasDockerfile ? { buildContext, dockerfile: 'Dockerfile' } : null;
  const compose = await readSource(file, taskDir);
  const image = table.docker_image ?? table.image ?? null;
  const variables = composeVariables(
    { compose, dockerImage: image, cpus: table.cpus ?? null, memoryBytes: memoryOf(table) },
    { env: table.env, owner: path.basename(taskDir) },
  );
  const reading = await readProject(compose, variables, 'none').catch((error: unknown) => {
    // What stands in variables of the host is known when the task is run, and judged again then.
    if (!(error instanceof TaskError) || !/\$[A-Za-z_{]/.test(compose.text)) throw error;
    return null;
  });
  if (reading === null) return { buildContext, dockerfile: 'Dockerfile', compose };
  const { project, refusals } = reading;
  const main = project.services.find(({ name }) => name === 'main');
  if (
    refusals.length === 0 &&
    image === null &&
    !hasDockerfile &&
    (main?.image ?? main?.build ?? null) === null
  )
    throw new TaskError(`${file}: services.main has neither an image nor a Dockerfile`);
  const rawServices = project.services
    .filter((service) => passesRules(service).length > 0)
    .map(({ name }) => name);
  return {
    buildContext,
    dockerfile: 'Dockerfile',
    compose: { ...compose, rawServices },
    unsupported: refusals,
  };
}

function memoryOf({ memory_mb: mebibytes, memory }: EnvironmentToml): number | null {
  if (mebibytes !== undefined) return mebibytes * 2 ** 20;
  return memory === undefined ? null : sizeBytes(memory);
}

async function readSource(file: string, taskDir: string): Promise<ComposeSource> {
  return { file, taskDir, text: (await readTaskText(taskDir, path.relative(taskDir, file))) ?? '' };
}
