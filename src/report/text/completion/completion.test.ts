import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { CompletedCommand } from './completed-command.js';
import { renderCompletion } from './completion.js';

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
  { name: 'check', description: 'Rules', options: [option(['--rules'])], commands: [] },
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

const dir = mkdtempSync(join(tmpdir(), 'tbench-completion-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const has = (shell: string): boolean => spawnSync(shell, ['-c', ':']).status === 0;

const asked: readonly (readonly [line: string, offered: readonly string[]])[] = [
  ['tbench t', ['tasks']],
  ['tbench tasks ch', ['check']],
  ['tbench tasks check --', ['--help', '--strict']],
  ['tbench check --', ['--help', '--rules']],
  ['tbench run --clock w', ['wall', 'working']],
];

test.skipIf(!has('fish'))('fish offers the same', () => {
  const script = join(dir, 'tbench.fish');
  writeFileSync(script, renderCompletion('fish', commands));
  for (const [line, expected] of asked) {
    const output = execFileSync('fish', ['--no-config', '-c', `source ${script}; complete -C '${line}'`]);
    const words = output
      .toString()
      .trim()
      .split('\n')
      .map((row) => row.split('\t')[0]);
    expect(words.sort(), line).toEqual(expected);
  }
});

/** What zsh would offer: its own functions that add words are stood in for, so that no terminal is needed. */
const zshAsk = `
compdef() { :; }
_files() { print -r -- files; }
compadd() { shift; print -rl -- "$@"; }
_describe() { [[ $1 == -o ]] && shift; local name; for name in "\${(@P)2}"; do print -r -- "\${name%%:*}"; done; }
source $1; shift
words=("$@"); CURRENT=$#
_tbench`;

test.skipIf(!has('zsh'))('zsh is given the same, and files where any value goes', () => {
  const script = join(dir, '_tbench');
  writeFileSync(script, renderCompletion('zsh', commands));
  const ask = (...words: string[]): string[] =>
    execFileSync('zsh', ['-f', '-c', zshAsk, 'zsh', script, 'tbench', ...words])
      .toString()
      .trim()
      .split('\n');
  expect(ask('')).toEqual(['run', 'tasks', 'check']);
  expect(ask('tasks', '')).toEqual(['check', 'files']);
  expect(ask('tasks', 'check', '-')).toEqual(['--strict', '--help']);
  expect(ask('check', '-')).toEqual(['--rules', '--help']);
  expect(ask('run', '--clock', '')).toEqual(['wall', 'working']);
  expect(ask('run', '-m', '')).toEqual(['files']);
});
