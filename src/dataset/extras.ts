import type { Task } from './task.js';

/** What a task gives its agent beyond an instruction and an environment, a phrase each; oracle and nop pass it over, as in Harbor. */
export interface TaskExtras {
  /** Told in the instruction where the harness says so. */
  readonly told: readonly string[];
  /** No harness does anything with it. */
  readonly unused: readonly string[];
}

export function taskExtras({ environment, bringsConversation }: Task): TaskExtras {
  const { mcpServers, skillsDir } = environment;
  const names = mcpServers.map(({ name }) => name).join(', ');
  return {
    told: [
      ...(mcpServers.length === 0 ? [] : [`MCP servers (${names})`]),
      ...(skillsDir === null ? [] : [`skills (${skillsDir})`]),
    ],
    unused: bringsConversation ? ['an earlier conversation (trajectory.json)'] : [],
  };
}
