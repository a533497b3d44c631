import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeTree } from './remove-tree.js';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tbench-remove-'));
  await mkdir(join(dir, 'root/tests/deep'), { recursive: true });
  await mkdir(join(dir, 'outside'));
  await writeFile(join(dir, 'outside/precious'), 'x');
});

afterEach(() => rm(dir, { recursive: true, force: true }));

describe('removeTree', () => {
  it('removes a tree and leaves what links in it point to', async () => {
    await writeFile(join(dir, 'root/tests/deep/file'), 'x');
    await symlink(join(dir, 'outside'), join(dir, 'root/tests/deep/link'));
    await chmod(join(dir, 'root/tests/deep/file'), 0);
    await removeTree(join(dir, 'root'), '/tests');
    expect(existsSync(join(dir, 'root/tests'))).toBe(false);
    expect(existsSync(join(dir, 'outside/precious'))).toBe(true);
  });

  it('removes a link that stands in the place of the tree', async () => {
    await rm(join(dir, 'root/tests'), { recursive: true });
    await symlink(join(dir, 'outside'), join(dir, 'root/tests'));
    await removeTree(join(dir, 'root'), '/tests');
    expect(existsSync(join(dir, 'root/tests'))).toBe(false);
    expect(existsSync(join(dir, 'outside/precious'))).toBe(true);
  });

  it('touches nothing behind a link on the way', async () => {
    await symlink(join(dir, 'outside'), join(dir, 'root/way'));
    await removeTree(join(dir, 'root'), '/way/precious');
    expect(existsSync(join(dir, 'outside/precious'))).toBe(true);
  });

  it('does not mind what is not there, and refuses to climb', async () => {
    await removeTree(join(dir, 'root'), '/none/at/all');
    await expect(removeTree(join(dir, 'root'), '/tests/../../outside')).rejects.toThrow(
      'no entry of a folder',
    );
    await expect(removeTree(join(dir, 'root'), '/')).rejects.toThrow('no entry of a folder');
  });
});
