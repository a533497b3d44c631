import { mkdtempSync, readFileSync, rmSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { trialPaths } from '../../results/layout.js';
import { makeFolder } from '../../base/files/make-folder.js';
import { createRedactor } from '../../results/redact.js';
import { keepRunningOutput } from './running-output.js';

const dir = mkdtempSync(join(tmpdir(), 'tbench-running-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const paths = trialPaths(dir, 'a__1');

it('shows the end of what a command prints while it runs, without secrets, and nothing after it', async () => {
  await makeFolder(paths.agentDir);
  const read = (): string =>
    existsSync(paths.runningOutput) ? readFileSync(paths.runningOutput, 'utf8') : '';
  {
    await using output = keepRunningOutput({ paths, redact: createRedactor(['sesame-1234']) });
    output.push(Buffer.from('first sesame-1234\n'));
    await vi.waitFor(() => expect(read()).toBe('first [redacted]\n'), 10_000);
    output.push(Buffer.from(`${'x'.repeat(40_000)} sesame-1234\nlast\n`));
    await vi.waitFor(() => expect(read()).toBe('last\n'), 10_000);
  }
  expect(existsSync(paths.runningOutput)).toBe(false);
});

it('writes nothing for a command that is soon over', async () => {
  {
    await using output = keepRunningOutput({ paths, redact: (text) => text });
    output.push(Buffer.from('quick\n'));
  }
  expect(existsSync(paths.runningOutput)).toBe(false);
});
