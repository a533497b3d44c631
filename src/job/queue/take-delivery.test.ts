import { randomBytes } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../../test/doubles/task-folder.js';
import { packFolder, unpackFolder } from '../../sandbox/files/pack-folder.js';
import type { Delivery } from './messages.js';
import { dropPieces, putPieces, takePieces, type PieceStore } from './pieces.js';
import { takeDelivery } from './take-delivery.js';

const delivered = { trial: 't__1', outcome: { result: { trial_name: 't__1' } } } as Delivery;

/** A Redis as far as pieces need one. */
function storeOf(): PieceStore & { readonly values: Map<string, Buffer> } {
  const values = new Map<string, Buffer>();
  return {
    values,
    set: (key, value) => Promise.resolve(values.set(key, Buffer.from(value))),
    getBuffer: (key) => Promise.resolve(values.get(key) ?? null),
    del: (...keys) => Promise.resolve(keys.map((key) => values.delete(key))),
  };
}

const content = Buffer.from(Array.from({ length: 1_300_000 }, (_, index) => index % 251));

test('bytes come back in pieces as they were, and leave nothing behind when they are dropped', async () => {
  const store = storeOf();
  const archive = await putPieces(store, 'a', content);
  expect(archive.pieces).toBe(3);
  expect(content.equals(await takePieces(store, archive, 2_000_000))).toBe(true);
  await dropPieces(store, archive);
  expect(store.values.size).toBe(0);
});

test('a piece that is gone or another, and an archive larger than allowed, are refused', async () => {
  const store = storeOf();
  const archive = await putPieces(store, 'a', content);
  await expect(takePieces(store, archive, 1_000_000)).rejects.toThrow('larger than');
  await expect(takePieces(store, { ...archive, pieces: 10 ** 9 }, 2_000_000)).rejects.toThrow(
    'no archive of tbench',
  );
  const [, second = ''] = [...store.values.keys()];
  const piece = store.values.get(second) ?? Buffer.alloc(0);
  store.values.set(second, Buffer.alloc(piece.length));
  await expect(takePieces(store, archive, 2_000_000)).rejects.toThrow('is not what was sent');
  store.values.delete(second);
  await expect(takePieces(store, archive, 2_000_000)).rejects.toThrow('piece 2 of 3 of archive a is gone');
});

test('a folder travels with its links and permission bits, also those of folders', async () => {
  await using folder = await scratchFolder();
  const from = join(folder.dir, 'from');
  await mkdir(join(from, 'open', 'closed'), { recursive: true });
  await writeFile(join(from, 'open', 'run.sh'), 'x');
  await symlink('run.sh', join(from, 'open', 'link'));
  await chmod(join(from, 'open', 'run.sh'), 0o755);
  await chmod(join(from, 'open'), 0o755);
  const packed = await packFolder(from, 1_000_000);
  const to = join(folder.dir, 'to');
  const limits = { maxEntries: 10, maxFileBytes: 10, maxTotalBytes: 10, faithful: true };
  expect(await unpackFolder(packed ?? Buffer.alloc(0), to, limits)).toMatchObject({
    refused: [],
    exceeded: null,
  });
  expect((await lstat(join(to, 'open'))).mode & 0o777).toBe(0o755);
  expect((await lstat(join(to, 'open', 'run.sh'))).mode & 0o777).toBe(0o755);
  expect((await lstat(join(to, 'open', 'link'))).isSymbolicLink()).toBe(true);
  expect(await packFolder(from, 20)).toBeNull();
});

test('what a worker sends lies in the trial’s folder whole, without links, a result or earlier tries of its own', async () => {
  await using folder = await scratchFolder();
  const sent = join(folder.dir, 'sent');
  await mkdir(join(sent, 'verifier'), { recursive: true });
  await mkdir(join(sent, 'tries'));
  await writeFile(join(sent, 'verifier', 'reward.txt'), '1\n');
  await writeFile(join(sent, 'result.json'), 'forged');
  await symlink('/etc/passwd', join(sent, 'stolen'));
  const store = storeOf();
  const archive = await putPieces(store, 'f', (await packFolder(sent, 1_000_000)) ?? Buffer.alloc(0));
  const job = join(folder.dir, 'job');
  await mkdir(join(job, 't__1', 'tries', '1'), { recursive: true });
  const refused = await takeDelivery(job, { ...delivered, folder: archive }, store);
  expect(refused).toEqual([expect.stringContaining('stolen')]);
  expect((await readdir(join(job, 't__1'))).sort()).toEqual(['tries', 'verifier']);
  expect(await readdir(join(job, 't__1', 'tries'))).toEqual(['1']);
  expect(await readFile(join(job, 't__1', 'verifier', 'reward.txt'), 'utf8')).toBe('1\n');
  expect(await readdir(job)).toEqual(['t__1']);
});

test('an archive that is none leaves the trial’s folder as it was', async () => {
  await using folder = await scratchFolder();
  const store = storeOf();
  await mkdir(join(folder.dir, 't__1'));
  // Whether it fails before or after the folder to unpack into is there.
  for (const content of ['no archive', '', randomBytes(1_000_000)])
    for (let again = 0; again < 20; again += 1) {
      const archive = await putPieces(store, 'f', Buffer.from(content));
      await expect(takeDelivery(folder.dir, { ...delivered, folder: archive }, store)).rejects.toThrow();
    }
  expect(await readdir(folder.dir)).toEqual(['t__1']);
});

test('a folder that cannot be read is a failure that can be caught, and one too large is left off', async () => {
  await using folder = await scratchFolder();
  await expect(packFolder(join(folder.dir, 'nowhere'), 1_000)).rejects.toThrow('ENOENT');
  await writeFile(join(folder.dir, 'large'), randomBytes(4_000_000));
  expect(await packFolder(folder.dir, 100_000)).toBeNull();
});
