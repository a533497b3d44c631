import { existsSync } from 'node:fs';
import { lstat, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SandboxError } from '../../base/errors.js';
import { unpack } from './unpack.js';

const limits = { maxEntries: 50, maxFileBytes: 1_000, maxTotalBytes: 3_000 };
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tbench-unpack-'));
});

afterEach(() => rm(dir, { recursive: true, force: true }));

type TarEntry = Parameters<ReturnType<typeof pack>['entry']>[0];

function tarOf(...entries: readonly (readonly [TarEntry, (string | Buffer)?])[]): Readable {
  const tar = pack();
  for (const [header, content = ''] of entries) tar.entry(header, content);
  tar.finalize();
  return Readable.from(tar);
}

describe('unpack', () => {
  it('writes plain files below the folder, nothing of an entry that would leave it', async () => {
    const tar = tarOf(
      [{ name: 'logs/', type: 'directory' }],
      [{ name: 'logs/good', mode: 0o4755 }, 'good'],
      [{ name: '../escaped' }, 'bad'],
      [{ name: 'logs/../../escaped' }, 'bad'],
      [{ name: `${dir}/absolute` }, 'bad'],
      [{ name: 'logs/link', type: 'symlink', linkname: '/etc' }],
      [{ name: 'logs/link/passwd' }, 'bad'],
      [{ name: 'logs/hard', type: 'link', linkname: '/etc/passwd' }],
      [{ name: 'logs/device', type: 'character-device' }],
      [{ name: 'logs/pipe', type: 'fifo' }],
      [{ name: 'logs/good/below-a-file' }, 'bad'],
      [{ name: 'logs/GOOD' }, 'same name elsewhere'],
      [{ name: 'logs/good' }, 'again'],
    );
    const report = await unpack(tar, join(dir, 'out'), limits);
    expect(report.files.map(({ path }) => path)).toEqual(['good', 'link/passwd']);
    expect(report.refused).toHaveLength(10);
    expect(await readdir(dir)).toEqual(['out']);
    expect(await readFile(join(dir, 'out/good'), 'utf8')).toBe('good');
    expect((await lstat(join(dir, 'out/good'))).mode & 0o7777).toBe(0o700);
    expect((await lstat(join(dir, 'out/link'))).isDirectory()).toBe(true);
  });

  it('follows no link that stands in the target folder', async () => {
    await writeFile(join(dir, 'precious'), 'mine');
    await rm(join(dir, 'out'), { recursive: true, force: true });
    await unpack(tarOf([{ name: 'logs/first' }, 'x']), join(dir, 'out'), limits);
    await symlink(join(dir, 'precious'), join(dir, 'out/file'));
    await symlink(dir, join(dir, 'out/folder'));
    const tar = tarOf(
      [{ name: 'logs/', type: 'directory' }],
      [{ name: 'logs/file' }, 'bad'],
      [{ name: 'logs/folder/new' }, 'bad'],
    );
    const report = await unpack(tar, join(dir, 'out'), limits);
    expect(report.files).toEqual([]);
    expect(report.refused.map(({ path }) => path)).toEqual(['file', 'folder/new']);
    expect(await readFile(join(dir, 'precious'), 'utf8')).toBe('mine');
    expect(existsSync(join(dir, 'new'))).toBe(false);
  });

  it('keeps to the limits and reads past what is too large', async () => {
    const big = Buffer.alloc(1_001);
    const tar = tarOf(
      [{ name: 'l/', type: 'directory' }],
      [{ name: 'l/big' }, big],
      ...[1, 2, 3, 4].map((n) => [{ name: `l/${n}` }, Buffer.alloc(900, n)] as const),
    );
    const report = await unpack(tar, join(dir, 'out'), limits);
    expect(report.files.map(({ path }) => path)).toEqual(['1', '2', '3']);
    expect(report.refused.map(({ path, reason }) => `${path}: ${reason}`)).toEqual([
      'big: larger than 1000 bytes',
      '4: more than 3000 bytes in all',
    ]);
  });

  it('takes a single file under its own name', async () => {
    const report = await unpack(tarOf([{ name: 'reward.txt' }, '1\n']), join(dir, 'out'), limits);
    expect(report.files).toMatchObject([{ path: 'reward.txt', sizeBytes: 2 }]);
  });

  it('throws a SandboxError for what is no tar, and for one that was cut off', async () => {
    const noise = Readable.from([Buffer.alloc(2_048, 0x41)]);
    await expect(unpack(noise, join(dir, 'a'), limits)).rejects.toThrow(SandboxError);
    const chunks: Buffer[] = [];
    for await (const chunk of tarOf([{ name: 'l/file' }, Buffer.alloc(900)])) chunks.push(chunk as Buffer);
    const cut = Readable.from([Buffer.concat(chunks).subarray(0, 700)]);
    await expect(unpack(cut, join(dir, 'b'), limits)).rejects.toThrow(SandboxError);
  });
});
