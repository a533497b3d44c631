import path from 'node:path';
import { TaskError } from '../../../base/errors.js';
import type { TaskToml } from './schema.js';
import type { TaskStep } from '../../task.js';
import { readTaskText } from '../../task-files.js';

/** The steps of a multi-step task, each with its own `steps/<name>/instruction.md`. */
export async function loadSteps(dir: string, steps: TaskToml['steps']): Promise<TaskStep[]> {
  return Promise.all(
    steps.map(async (step) => ({
      name: step.name,
      instruction: await readStepInstruction(dir, path.join('steps', step.name, 'instruction.md')),
      minReward: step.min_reward ?? null,
      agentTimeoutMs: step.agent?.timeout_sec === undefined ? null : step.agent.timeout_sec * 1000,
      verifierTimeoutMs: step.verifier === undefined ? null : step.verifier.timeout_sec * 1000,
    })),
  );
}

async function readStepInstruction(dir: string, name: string): Promise<string> {
  const text = await readTaskText(dir, name);
  if (text === null) throw new TaskError(`${path.join(dir, name)}: the step's instruction is missing`);
  return text;
}
