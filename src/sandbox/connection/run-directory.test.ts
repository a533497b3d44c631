import { chmod, mkdir, mkdtemp, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRunDirectory } from './run-directory.js';

const uid = process.getuid?.() ?? 0;
let runtimeDir: string;
beforeEach(async () => {
  runtimeDir = await mkdtemp(join(tmpdir(), 'runtime-'));
});
afterEach(() => rm(runtimeDir, { recursive: true }));

const open = (): Promise<string> => openRunDirectory({ XDG_RUNTIME_DIR: runtimeDir }, uid);

describe('openRunDirectory', () => {
  it('makes a folder that only its user may enter, and finds it again', async () => {
    const dir = await open();
    expect((await stat(dir)).mode & 0o777).toBe(0o700);
    expect(await open()).toBe(dir);
  });

  it('refuses a folder that others may enter', async () => {
    await mkdir(join(runtimeDir, 'tbench'));
    await chmod(join(runtimeDir, 'tbench'), 0o755);
    await expect(open()).rejects.toThrow(/only user \d+ may enter/);
  });

  it('refuses a link in its place', async () => {
    await mkdir(join(runtimeDir, 'elsewhere'), { mode: 0o700 });
    await symlink('elsewhere', join(runtimeDir, 'tbench'));
    await expect(open()).rejects.toMatchObject({ code: 'environment' });
  });

  it('refuses the folder of another user', async () => {
    await open();
    await expect(openRunDirectory({ XDG_RUNTIME_DIR: runtimeDir }, uid + 1)).rejects.toThrow(
      /is not a folder/,
    );
  });
});
