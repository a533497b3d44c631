import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../../../base/errors.js';
import type { TaskToml } from './schema.js';
import type { TaskStep } from '../../task.js';
import { isMissing } from '../../task-files.js';

/** The steps of a multi-step task, each with its own `steps/<name>/instruction.md`. */
export async function loadSteps(dir: string, steps: TaskToml['steps']): Promise<TaskStep[]> {
  return Promise.all(
    steps.map(async (step) => ({
      name: step.name,
      instruction: await readStepInstruction(path.join(dir, 'steps', step.name, 'instruction.md')),
      minReward: step.min_reward ?? null,
      agentTimeoutMs: step.agent?.timeout_sec === undefined ? null : step.agent.timeout_sec * 1000,
      verifierTimeoutMs: step.verifier === undefined ? null : step.verifier.timeout_sec * 1000,
    })),
  );
}

async function readStepInstruction(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) throw new TaskError(`${file}: the step's instruction is missing`);
    throw error;
  }
}
