import { execFileSync, spawn } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openForeignFile, readForeignFile, readNamedText } from './foreign-file.js';

const limit = { maxBytes: 1000 };
let top: string;
let root: string;

beforeEach(async () => {
  top = await realpath(await mkdtemp(join(tmpdir(), 'foreign-')));
  root = join(top, 'folder');
  await mkdir(join(root, 'agent'), { recursive: true });
  await writeFile(join(root, 'agent', 'plain.txt'), 'plain');
  await writeFile(join(top, 'secret'), 'secret');
});

afterEach(() => rm(top, { recursive: true, force: true }));

describe('readForeignFile', () => {
  it('reads a regular file, also where the folder itself is named by a link', async () => {
    await symlink(root, join(top, 'alias'));
    const read = await readForeignFile(join(top, 'alias'), 'agent/plain.txt', limit);
    expect(read).toEqual({ kind: 'file', value: Buffer.from('plain') });
  });

  it('tells a missing file, folder and root from a refused one', async () => {
    for (const [from, path] of [
      [root, 'none'],
      [root, 'none/none'],
      [root, 'agent/plain.txt/below'],
      [join(top, 'no-root'), 'none'],
    ] as const)
      expect(await readForeignFile(from, path, limit)).toEqual({ kind: 'missing' });
  });

  it.each([
    ['a link to a secret', '../secret', /link out of its folder/],
    ['an absolute link', '/etc/passwd', /link out of its folder/],
    ['a link to a sibling', 'agent/plain.txt', /is a link/],
    ['a link to nothing', 'nowhere', /link to nothing/],
    ['a link to itself', 'odd', /leads back/],
    ['an endless device', '/dev/zero', /link out of its folder/],
  ])('refuses %s', async (_, target, reason) => {
    await symlink(target, join(root, 'odd'));
    const read = await readForeignFile(root, 'odd', limit);
    expect(read).toMatchObject({ kind: 'refused', reason: expect.stringMatching(reason) as string });
  });

  it('refuses a file behind a folder that is a link', async () => {
    await symlink(top, join(root, 'verifier'));
    await symlink('agent', join(root, 'inner'));
    expect((await readForeignFile(root, 'verifier/secret', limit)).kind).toBe('refused');
    expect((await readForeignFile(root, 'inner/plain.txt', limit)).kind).toBe('refused');
  });

  it('refuses a name that climbs out, and the folder itself', async () => {
    expect((await readForeignFile(root, '../secret', limit)).kind).toBe('refused');
    expect((await readForeignFile(root, '.', limit)).kind).toBe('refused');
    expect((await readForeignFile(root, 'agent', limit)).kind).toBe('refused');
    expect((await readForeignFile(root, 'agent/plain\0.txt', limit)).kind).toBe('refused');
  });

  it('does not wait for a pipe', { timeout: 2000 }, async () => {
    execFileSync('mkfifo', [join(root, 'pipe')]);
    expect(await readForeignFile(root, 'pipe', limit)).toMatchObject({ kind: 'refused' });
  });

  it('names the size of a file that is too large, without reading it', async () => {
    await writeFile(join(root, 'huge'), '');
    await truncate(join(root, 'huge'), 1024 ** 3);
    const read = await readForeignFile(root, 'huge', limit);
    expect(read).toEqual({
      kind: 'refused',
      reason: 'has 1073741824 bytes, more than the 1000 that are read',
    });
  });
});

describe('openForeignFile with links inside the folder', () => {
  it('follows a link that stays and refuses one that leaves, wherever in the path it is', async () => {
    await symlink('agent/plain.txt', join(root, 'stays'));
    await symlink('../secret', join(root, 'leaves'));
    await symlink('..', join(root, 'up'));
    const stays = await openForeignFile(root, 'stays', { links: 'inside' });
    if (stays.kind === 'file') await stays.value.close();
    expect(stays.kind).toBe('file');
    expect((await openForeignFile(root, 'leaves', { links: 'inside' })).kind).toBe('refused');
    expect((await openForeignFile(root, 'up/secret', { links: 'inside' })).kind).toBe('refused');
  });

  it('refuses a sibling folder whose name begins like the folder', async () => {
    await mkdir(join(top, 'folder-2'));
    await writeFile(join(top, 'folder-2', 'file'), '');
    await symlink('../folder-2/file', join(root, 'odd'));
    expect((await openForeignFile(root, 'odd', { links: 'inside' })).kind).toBe('refused');
  });
});

describe('readNamedText', () => {
  it('follows links, for the user named the file', async () => {
    await symlink(join(top, 'secret'), join(root, 'named'));
    expect(await readNamedText(join(root, 'named'), 1000)).toBe('secret');
  });

  it.each([
    ['none', 'there is no such file'],
    ['pipe', 'it is no regular file (a folder, pipe, socket or device)'],
    ['agent', 'it is no regular file (a folder, pipe, socket or device)'],
    ['endless', 'it is no regular file (a folder, pipe, socket or device)'],
    ['shell', 'it is no regular file (a folder, pipe, socket or device)'],
    ['huge', 'it has 1001 bytes, more than the 1000 that are read'],
    ['loop', 'it is a link that leads back to itself'],
  ])('of %s throws: %s', async (name, message) => {
    execFileSync('mkfifo', [join(root, 'pipe')]);
    await symlink('/dev/zero', join(root, 'endless'));
    await symlink('loop', join(root, 'loop'));
    await writeFile(join(root, 'huge'), '');
    await truncate(join(root, 'huge'), 1001);
    // What a shell makes of `<(...)`: a pipe that has no path.
    const child = spawn('sleep', ['60'], { stdio: ['pipe', 'ignore', 'ignore'] });
    try {
      const path = name === 'shell' ? `/proc/${child.pid}/fd/0` : join(root, name);
      await expect(readNamedText(path, 1000)).rejects.toThrow(message);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
