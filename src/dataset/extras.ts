import type { Task } from './task.js';

/**
 * What a task gives its agent beyond an instruction and an environment, a phrase each: told in the instruction where the harness says
 * so. oracle and nop pass it over, as in Harbor.
 */
export function taskExtras({
  environment,
  conversation,
}: Pick<Task, 'environment' | 'conversation'>): string[] {
  const { mcpServers, skillsDir } = environment;
  const names = mcpServers.map(({ name }) => name).join(', ');
  return [
    ...(mcpServers.length === 0 ? [] : [`MCP servers (${names})`]),
    ...(skillsDir === null ? [] : [`skills (${skillsDir})`]),
    ...(conversation === null ? [] : [`an earlier conversation (${conversation})`]),
  ];
}
