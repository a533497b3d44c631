import type { Task, TaskEnvironment } from '../../dataset/task.js';
import type { VerifierSettings } from '../../record/run-spec.js';
import { verifierEnvironments } from '../../trial/verifier-images.js';
import { usualNeed, type Need } from './admission.js';

/**
 * What one trial of a task takes at most at one time: the larger of the agent's environment and its separate verifiers',
 * which never run together. Sidecars of a compose file, whose limits are only known when it is read for a trial, are taken to be as
 * large as the agent's sandbox; so is the copy in which a second opinion is made.
 */
export function needOfTask(
  task: Task,
  { isolated, negativeControl }: Pick<VerifierSettings, 'isolated' | 'negativeControl'>,
): Need {
  const hasCopy = isolated !== 'off' || negativeControl !== 'off';
  const needs = [
    needOfEnvironment(task.environment, hasCopy ? 2 : 1),
    ...verifierEnvironments(task).map((environment) => needOfEnvironment(environment, 1)),
  ];
  return {
    cpus: needs.reduce((most, { cpus }) => Math.max(most, cpus), 0),
    memoryBytes: needs.reduce((most, { memoryBytes }) => Math.max(most, memoryBytes), 0),
  };
}

function needOfEnvironment({ cpus, memoryBytes, compose }: TaskEnvironment, copies: number): Need {
  const parts = copies + (compose === null ? 0 : 1);
  return {
    cpus: cpus ?? usualNeed.cpus,
    memoryBytes: (memoryBytes ?? usualNeed.memoryBytes) * parts,
  };
}
