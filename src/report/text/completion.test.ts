import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { renderCompletion, type CompletedCommand } from './completion.js';

const option = (names: string[], takesValue = false, choices: string[] = []) => ({
  names,
  takesValue,
  choices,
  description: "what it's for",
});
const commands: CompletedCommand[] = [
  {
    name: 'run',
    description: 'Runs',
    options: [
      option(['-m', '--model'], true),
      option(['--clock'], true, ['wall', 'working']),
      option(['--json']),
    ],
    commands: [],
  },
  {
    name: 'tasks',
    description: 'Tasks',
    options: [],
    commands: [{ name: 'check', description: '', options: [option(['--strict'])], commands: [] }],
  },
];

/** What bash would offer for these words, the last one under the cursor. */
function offered(...words: string[]): string[] {
  const script = `${renderCompletion('bash', commands)}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _tbench; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const output = execFileSync('bash', ['-c', script, 'bash', 'tbench', ...words]);
  return output.toString().trim().split('\n');
}

test('bash completes commands, commands of commands, options and their choices', () => {
  expect(offered('r')).toEqual(['run']);
  expect(offered('tasks', 'ch')).toEqual(['check']);
  expect(offered('tasks', 'check', '--s')).toEqual(['--strict']);
  expect(offered('run', '--')).toEqual(['--model', '--clock', '--json', '--help']);
  expect(offered('run', '--clock', 'w')).toEqual(['wall', 'working']);
  expect(offered('run', '-m', '/et')).toEqual(['/etc']);
});

test('zsh loads the same script through bashcompinit; fish has a line a command and option', () => {
  expect(renderCompletion('zsh', commands)).toMatch(/^#compdef tbench\n.*bashcompinit/);
  const fish = renderCompletion('fish', commands);
  expect(fish).toContain(
    "complete -c tbench -n '__fish_seen_subcommand_from run' -s m -l model -r -d 'what it\\'s for'",
  );
  expect(fish).toContain("-l clock -r -f -a 'wall working'");
});
