import { bashCompletion } from './bash.js';
import type { CompletedCommand } from './completed-command.js';
import { fishCompletion } from './fish.js';
import { zshCompletion } from './zsh.js';

export const shells = ['bash', 'zsh', 'fish'] as const;

/** A script that makes a shell complete the commands, their options, and the choices of these; files where any value goes. */
export function renderCompletion(
  shell: (typeof shells)[number],
  commands: readonly CompletedCommand[],
): string {
  switch (shell) {
    case 'bash':
      return bashCompletion(commands);
    case 'zsh':
      return zshCompletion(commands);
    case 'fish':
      return fishCompletion(commands);
  }
}
