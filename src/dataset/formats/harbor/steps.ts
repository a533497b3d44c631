import path from 'node:path';
import { TaskError } from '../../../base/errors.js';
import type { TaskArtifact, TaskPhase, TaskSolution, TaskStep } from '../../task.js';
import { isFile, isFolder, readTaskText } from '../../task-files.js';
import { toArtifact } from './artifacts.js';
import { toHealthcheck, toNetwork } from './environment.js';
import type { TaskToml } from './schema.js';
import { toVerifier, userName, type VerifierSource } from './verifier.js';

type StepToml = TaskToml['steps'][number];

/** What a step inherits from its task. */
export interface StepHeritage extends VerifierSource {
  readonly agent: TaskPhase;
  readonly solution: TaskSolution;
  readonly artifacts: readonly TaskArtifact[];
}

/** The steps of a multi-step task, each with its own `steps/<name>/instruction.md`. */
export async function loadSteps(task: StepHeritage): Promise<TaskStep[]> {
  const { file, toml } = task;
  const names = toml.steps.map(({ name }) => name.toLowerCase());
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new TaskError(`${file}: steps: two steps are named "${twice}"`);
  return Promise.all(toml.steps.map((step) => loadStep(task, step)));
}

async function loadStep(task: StepHeritage, step: StepToml): Promise<TaskStep> {
  const { dir, environment } = task;
  const folder = path.join(dir, 'steps', step.name);
  return {
    name: step.name,
    instruction: await readStepInstruction(dir, path.join('steps', step.name, 'instruction.md')),
    minReward: step.min_reward ?? null,
    agent: toStepAgent(task, step),
    verifier: await toVerifier(task, step),
    solution: await findSolution(path.join(folder, 'solution'), task.solution, environment.os),
    artifacts: [...task.artifacts, ...step.artifacts.map(toArtifact)],
    healthcheck: step.healthcheck === undefined ? null : toHealthcheck(step.healthcheck),
    workdir: (await isFolder(path.join(folder, 'workdir'))) ? path.join(folder, 'workdir') : null,
  };
}

function toStepAgent({ file, agent }: StepHeritage, step: StepToml): TaskPhase {
  if (step.agent === undefined) return agent;
  const network = toNetwork(`${file}: steps.${step.name}.agent`, step.agent);
  return {
    timeoutMs: step.agent.timeout_sec === undefined ? agent.timeoutMs : step.agent.timeout_sec * 1000,
    user: userName(step.agent.user) ?? agent.user,
    network: network.mode === null ? agent.network : network,
  };
}

/** The step's own solution where there is one, else the task's. */
async function findSolution(
  folder: string,
  task: TaskSolution,
  os: 'linux' | 'windows',
): Promise<TaskSolution> {
  const script = os === 'windows' ? 'solve.bat' : 'solve.sh';
  return (await isFile(path.join(folder, script))) ? { ...task, dir: folder, script } : task;
}

async function readStepInstruction(dir: string, name: string): Promise<string> {
  const text = await readTaskText(dir, name);
  if (text === null) throw new TaskError(`${path.join(dir, name)}: the step's instruction is missing`);
  return text;
}
