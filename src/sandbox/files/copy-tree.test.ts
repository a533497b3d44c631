import { execFileSync } from 'node:child_process';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
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
      exceeded: null,
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

  it('keeps links that stay inside, holes and names as they are where it is to be faithful, and no way out', async () => {
    const at = (name: string): string => join(root, 'logs/verifier', name);
    await writeFile(at('a/%41:x'), 'odd name');
    await writeFile(at('A'), 'case');
    await symlink('../A', at('a/up'));
    await symlink('a', at('down'));
    for (const [name, target] of Object.entries({
      abs: '/etc',
      out: '../x',
      turn: 'a/../../x',
      dots: 'down/..',
    }))
      await symlink(target, at(name));
    await writeFile(at('disk'), '');
    await truncate(at('disk'), 2 ** 28);
    await chmod(at('a'), 0o1755);
    const report = await copyTree(root, '/logs/verifier', {
      hostDir,
      limits: { maxEntries: 50, maxFileBytes: 2 ** 31, maxTotalBytes: 2 ** 31, faithful: true },
    });
    expect(report?.refused.map(({ path }) => path)).toEqual(['abs', 'dots', 'out', 'turn']);
    expect(await readFile(join(hostDir, 'a/up'), 'utf8')).toBe('case');
    expect(await readdir(join(hostDir, 'a'))).toEqual(['%2541%3Ax', 'up']);
    expect((await lstat(join(hostDir, 'a'))).mode & 0o7777).toBe(0o755);
    const { size, blocks } = await lstat(join(hostDir, 'disk'));
    expect([size, blocks]).toEqual([2 ** 28, 0]);
  });

  it('copies a single file', async () => {
    await writeFile(join(root, 'logs/one'), 'x');
    const report = await copyTree(root, '/logs/one', { hostDir, limits });
    expect(report?.files.map(({ path }) => path)).toEqual(['one']);
  });
});
