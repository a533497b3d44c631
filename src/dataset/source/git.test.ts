import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { expect, test } from 'vitest';
import { runGit } from './git.js';

test.each(['ext::touch made', 'fd::0'])(
  'an address %s is refused, whatever the environment allows',
  async (address) => {
    const dir = await mkdtemp(join(tmpdir(), 'git-'));
    try {
      const hostEnv = { ...process.env, GIT_ALLOW_PROTOCOL: 'ext:fd:https' };
      const result = await runGit(['ls-remote', address], { cwd: dir, hostEnv, timeoutMs: 10_000 });
      expect(result.exitCode).not.toBe(0);
      expect(result.stderr).toMatch(/transport '(ext|fd)' not allowed/);
      expect(await readdir(dir)).toEqual([]);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  },
);
