import path from 'node:path';
import { TaskError } from '../../../base/errors.js';
import { contextVariable, readCompose, type ComposeReading } from './read-compose.js';
import type { BuildRecipe } from '../harbor/environment.js';
import type { TaskEnvironment } from '../../task.js';
import { isFile, readTaskText } from '../../task-files.js';

export interface ComposeRecipe {
  readonly recipe: BuildRecipe;
  /** null when there is no compose file. */
  readonly reading: ComposeReading | null;
}

/**
 * Reduces a compose file with one plain service to its Dockerfile; the build context stays below `taskDir`. A
 * service that only names an image of the harness's is built from the Dockerfile beside the file.
 */
export async function composeRecipe(file: string, taskDir: string): Promise<ComposeRecipe> {
  const reading = readCompose(file, (await readTaskText(taskDir, path.relative(taskDir, file))) ?? '');
  const dockerfile = reading.dockerfile ?? 'Dockerfile';
  if (reading.image !== null || reading.unsupported.length > 0)
    return { recipe: { buildContext: null, dockerfile }, reading };
  const written = reading.context ?? '.';
  const context = path.resolve(path.dirname(file), written.replace(contextVariable, '.'));
  if (context !== taskDir && !context.startsWith(taskDir + path.sep))
    throw new TaskError(`${file}: build context ${written} leaves the task's folder`);
  if (!(await isFile(path.join(context, dockerfile))))
    throw new TaskError(`${file}: it names ${path.join(context, dockerfile)}, which does not exist`);
  return { recipe: { buildContext: context, dockerfile }, reading };
}

/** The environment as the compose file's service has it: its image, variables, cwd and limits. */
export function withCompose(environment: TaskEnvironment, reading: ComposeReading | null): TaskEnvironment {
  if (reading === null) return environment;
  return {
    ...environment,
    dockerImage: environment.dockerImage ?? reading.image,
    env: { ...reading.env, ...environment.env },
    workdir: environment.workdir ?? reading.workdir,
    cpus: environment.cpus ?? reading.cpus,
    memoryBytes: environment.memoryBytes ?? reading.memoryBytes,
    unsupported: reading.unsupported,
    network:
      environment.network.mode === null && reading.network === 'none'
        ? { mode: 'no-network', allowedHosts: [] }
        : environment.network,
  };
}
