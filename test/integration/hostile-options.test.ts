import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { runCli } from './cli.js';

/** What stands where a file is named in an option: it may be a stranger's, and must end the command with a reason, never hang it. */
const root = mkdtempSync(join(tmpdir(), 'hostile-options-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const turns = fileURLToPath(new URL('../fixtures/sample-turns', import.meta.url));
const golden = fileURLToPath(new URL('../fixtures/golden-0.1.0', import.meta.url));

for (const kind of ['pipe', 'huge']) mkdirSync(join(root, kind));
for (const name of ['file.yaml', 'dataset.toml']) {
  execFileSync('mkfifo', [join(root, 'pipe', name)]);
  writeFileSync(join(root, 'huge', name), '');
  truncateSync(join(root, 'huge', name), 2 ** 33);
}

const dryRun = ['run', '--dataset', 'sample', '--agent', 'nop', '--dry-run'];
it.each([
  ['-c', (dir: string) => [...dryRun, '-c', join(dir, 'file.yaml')]],
  ['--env-file', (dir: string) => [...dryRun, '--env-file', join(dir, 'file.yaml')]],
  [
    '--harness',
    (dir: string) => [
      ...['run', '--dataset', 'sample', '--model', `replay:${turns}`, '--dry-run'],
      ...['--harness', join(dir, 'file.yaml')],
    ],
  ],
  [
    '--baseline',
    (dir: string) => ['gate', 'finished', '--results', golden, '--baseline', join(dir, 'file.yaml')],
  ],
  ['--verify', (dir: string) => ['certify', '--verify', join(dir, 'file.yaml')]],
  ['--dataset', (dir: string) => ['tasks', 'list', '--dataset', join(dir, 'dataset.toml')]],
])('a file that %s names ends the command with a reason, never hangs it', async (_, args) => {
  const [pipe, huge] = await Promise.all(['pipe', 'huge'].map((kind) => runCli(args(join(root, kind)))));
  // A baseline and a dataset may be folders too: a pipe is neither.
  expect(pipe?.stderr).toMatch(/no regular file|no job folder at|there is no folder/);
  expect(huge?.stderr).toMatch(/has 8589934592 bytes, more than the \d+ that are read/);
  for (const { code, stderr } of [pipe!, huge!]) {
    expect([2, 3], stderr).toContain(code);
    expect(stderr).not.toMatch(/\n {4}at /);
  }
});

it('a missing --env-file is told by tbench and not by Node, which reads such options itself', async () => {
  const { code, stderr } = await runCli([...dryRun, '--env-file', join(root, 'none')]);
  expect(stderr).toContain(`--env-file ${join(root, 'none')}: there is no such file`);
  expect(code).toBe(2);
});
