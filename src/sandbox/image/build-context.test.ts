import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extract } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contextDigest, loadBuildContext, packContext } from './build-context.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'context-'));
  await mkdir(join(dir, 'src'));
  await writeFile(join(dir, 'Dockerfile'), 'FROM x\n');
  await writeFile(join(dir, 'src/a.txt'), 'a');
  await symlink('src/a.txt', join(dir, 'link'));
});
afterEach(() => rm(dir, { recursive: true }));

const digest = async (): Promise<string> => contextDigest(await loadBuildContext(dir, 'Dockerfile'));

describe('build context', () => {
  it('has a digest that follows content and modes, not times', async () => {
    const before = await digest();
    await utimes(join(dir, 'src/a.txt'), 1, 1);
    expect(await digest()).toBe(before);
    await writeFile(join(dir, 'src/a.txt'), 'b');
    expect(await digest()).not.toBe(before);
  });

  it('leaves out what .dockerignore names, but never the Dockerfile', async () => {
    await writeFile(join(dir, '.dockerignore'), '**\n!src/kept\n');
    await writeFile(join(dir, 'src/kept'), 'k');
    const paths = (await loadBuildContext(dir, 'Dockerfile')).entries.map(({ path }) => path);
    expect(paths).toEqual(['.dockerignore', 'Dockerfile', 'src/kept']);
  });

  it('refuses a .dockerignore that leads out of the folder or never ends', async () => {
    await symlink('/dev/zero', join(dir, '.dockerignore'));
    await expect(loadBuildContext(dir, 'Dockerfile')).rejects.toThrow('.dockerignore: it ');
  });

  it('packs files, folders and links as they are, owned by root', async () => {
    const context = await loadBuildContext(dir, 'Dockerfile');
    const seen: string[] = [];
    const reader = extract();
    packContext(context).pipe(reader);
    for await (const entry of reader) {
      const { name, type, linkname, uid } = entry.header;
      seen.push(`${name}: ${type} ${uid} ${linkname}`);
      entry.resume();
    }
    expect(seen).toEqual([
      'Dockerfile: file 0 null',
      'link: symlink 0 src/a.txt',
      'src: directory 0 null',
      'src/a.txt: file 0 null',
    ]);
  });

  it('says which Dockerfile is missing where', async () => {
    await expect(loadBuildContext(dir, 'other/Dockerfile')).rejects.toThrow(
      `there is no other/Dockerfile in ${dir}`,
    );
  });
});
