import { execFileSync } from 'node:child_process';
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyTree } from './copy-tree.js';

const limits = { maxEntries: 50, maxFileBytes: 1000, maxTotalBytes: 1500 };

describe('copyTree', () => {
  let root: string;
  let hostDir: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'tbench-copy-'));
    hostDir = join(root, '..', `${root.split('/').at(-1) ?? ''}-out`);
    await mkdir(join(root, 'logs/verifier/a'), { recursive: true });
  });
  afterEach(async () => {
    await rm(root, { recursive: true, force: true });
    await rm(hostDir, { recursive: true, force: true });
  });
  const copy = () => copyTree(root, '/logs/verifier', { hostDir, limits });

  it('copies regular files with their digests', async () => {
    await writeFile(join(root, 'logs/verifier/a/reward.txt'), '1\n');
    expect(await copy()).toEqual({
      files: [
        {
          path: 'a/reward.txt',
          sizeBytes: 2,
          sha256: '4355a46b19d348dc2f57c046f8ef63d4538ebb936000f3c9ee954a27460dd865',
        },
      ],
      refused: [],
    });
    expect(await readFile(join(hostDir, 'a/reward.txt'), 'utf8')).toBe('1\n');
  });

  it('lists links, pipes and large files instead of copying them, and goes on behind a huge sparse one', async () => {
    const at = (name: string): string => join(root, 'logs/verifier', name);
    await symlink('/etc/shadow', at('absolute'));
    await symlink('/etc', at('a/folder'));
    execFileSync('mkfifo', [at('fifo')]);
    await writeFile(at('big'), '');
    await truncate(at('big'), 2 ** 40);
    await writeFile(at('last'), 'x');
    const report = await copy();
    expect(report?.files.map(({ path }) => path)).toEqual(['last']);
    expect(report?.refused).toEqual([
      { path: 'a/folder', reason: 'symlink' },
      { path: 'absolute', reason: 'symlink' },
      { path: 'big', reason: 'larger than 1000 bytes' },
      { path: 'fifo', reason: 'fifo' },
    ]);
    const kinds = await Promise.all(
      (await readdir(hostDir, { recursive: true })).map((name) => lstat(join(hostDir, name))),
    );
    expect(kinds.every((stat) => stat.isFile() || stat.isDirectory())).toBe(true);
  });

  it('stops at the limits on entries and on bytes in all', async () => {
    for (let index = 10; index < 70; index += 1)
      await writeFile(join(root, `logs/verifier/f${index}`), 'x'.repeat(100));
    const report = await copy();
    expect(report?.files).toHaveLength(15);
    expect(report?.refused.at(-1)?.reason).toBe('more than 50 entries; the rest was not read');
  });

  it.each(['/logs', '/logs/verifier'])('leaves a path whose %s is a link to the engine', async (path) => {
    await rm(join(root, path), { recursive: true });
    await symlink('/etc', join(root, path));
    expect(await copy()).toBeNull();
  });
});
