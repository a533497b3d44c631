import path from 'node:path';
import { TaskError } from '../../../base/errors.js';
import { toArtifact } from './artifacts.js';
import { toEnvironment, toNetwork, type BuildRecipe } from './environment.js';
import { findRecipe } from './find-recipe.js';
import { taskSchema, type TaskToml } from './schema.js';
import { loadSteps } from './steps.js';
import { toVerifier, userName } from './verifier.js';
import type { ReadTask, Task, TaskEnvironment, TaskPhase } from '../../task.js';
import { isFile, isFolder, readTaskText } from '../../task-files.js';
import { requireSelected } from '../../ignore/ignored-files.js';
import { checkShape, parseToml } from '../check-shape.js';
import { schemaVersion } from './schema-version.js';
import { unknownKeyWarnings } from '../unknown-keys.js';

/**
 * Loads a task folder in the Harbor format, schema 1.0 to 1.4. Throws TaskError, naming the file and the key,
 * for what cannot be read or contradicts itself. Whether it can be run is `taskRefusals`'s to say.
 */
export async function loadHarborTask(dir: string): Promise<ReadTask> {
  const file = path.join(dir, 'task.toml');
  const value = parseToml(file, (await readTaskText(dir, 'task.toml')) ?? '');
  const toml = checkShape(file, taskSchema, value);
  const version = schemaVersion(file, toml);
  await requireSelected(dir, ['tests/test.sh', 'solution/solve.sh']);
  const multiStep = toml.steps.length > 0;
  const recipe = await environmentRecipe(dir, toml);
  const environment = toEnvironment(`${file}: environment`, toml.environment, recipe);
  const agent = toAgent(file, toml, version.minor);
  const source = { dir, file, toml, environment };
  const solution = await findSolution(dir, toml, environment);
  const artifacts = toml.artifacts.map(toArtifact);
  const verifier = multiStep ? null : await toVerifier(source, null);
  const steps = await loadSteps({ ...source, agent, solution, artifacts });
  const conversation = path.join(firstStep(toml), 'trajectory.json');
  const shown = verifier ?? steps[0]?.verifier;
  if (shown === undefined) throw new Error('a task has a verifier or steps');
  return {
    name: path.basename(dir),
    dir,
    format: 'harbor',
    schemaVersion: version.text,
    instruction: await readInstruction(dir, multiStep),
    identity: toIdentity(toml),
    source: toml.source ?? null,
    metadata: toml.metadata,
    difficulty: textOrNull(toml.metadata.difficulty),
    category: textOrNull(toml.metadata.category),
    environment,
    agent,
    verifier: shown,
    solution,
    artifacts,
    steps,
    rewardStrategy: toml.multi_step_reward_strategy,
    conversation: (await isFile(path.join(dir, conversation))) ? conversation : null,
    warnings: [...version.warnings, ...unknownKeyWarnings(file, taskSchema, value)],
  };
}

function toIdentity(toml: TaskToml): Task['identity'] {
  return {
    name: toml.task?.name ?? null,
    description: toml.task?.description ?? '',
    version: toml.task?.version ?? null,
    authors: (toml.task?.authors ?? []).map(({ name, email }) => ({ name, email: email ?? null })),
    keywords: toml.task?.keywords ?? [],
  };
}

/** Up to schema 1.1 an agent without a limit had 600 s; later schemas mean "no limit". */
function toAgent(file: string, toml: TaskToml, minor: number): TaskPhase {
  const seconds = toml.agent.timeout_sec ?? (minor <= 1 ? 600 : null);
  return {
    timeoutMs: seconds === null ? null : seconds * 1000,
    user: userName(toml.agent.user),
    network: toNetwork(`${file}: agent`, toml.agent),
  };
}

async function environmentRecipe(dir: string, toml: TaskToml): Promise<BuildRecipe> {
  const folder = path.join(dir, 'environment');
  const found = await findRecipe(folder, { taskDir: dir, table: toml.environment });
  if (found !== null) return found;
  if (toml.environment.docker_image === undefined && toml.environment.image === undefined)
    throw new TaskError(`${folder}: no Dockerfile, and task.toml names no environment.docker_image`);
  return {
    buildContext: null,
    dockerfile: 'Dockerfile',
    workdirFiles: (await isFolder(folder)) ? folder : null,
  };
}

async function findSolution(
  dir: string,
  toml: TaskToml,
  environment: TaskEnvironment,
): Promise<Task['solution']> {
  const script = environment.os === 'windows' ? 'solve.bat' : 'solve.sh';
  const folder = path.join(dir, 'solution');
  const found = await isFile(path.join(folder, script));
  return { dir: found ? folder : null, script, env: toml.solution.env };
}

async function readInstruction(dir: string, multiStep: boolean): Promise<string> {
  const file = path.join(dir, 'instruction.md');
  const text = await readTaskText(dir, 'instruction.md');
  if (text === null && !multiStep) throw new TaskError(`${file}: the instruction is missing`);
  if (text?.trim() === '' && !multiStep) throw new TaskError(`${file}: the instruction is empty`);
  return text ?? '';
}

/** Where the instruction lies that a trial begins with. */
function firstStep({ steps: [first] }: TaskToml): string {
  return first === undefined ? '' : path.join('steps', first.name);
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
