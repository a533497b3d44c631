import { randomBytes } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitraryOf } from '../../../test/doubles/arbitrary-of.js';
import { scratchFolder } from '../../../test/doubles/task-folder.js';
import { trialResultSchema } from '../../record/trial-result.js';
import { trialPaths } from '../../results/layout.js';
import { shelveEarlierTry } from '../../results/trial-store.js';
import { packFolder, unpackFolder } from '../../sandbox/files/pack-folder.js';
import type { Delivery } from './messages.js';
import { dropPieces, putPieces, takePieces, type PieceStore } from './pieces.js';
import { isSuperseded, mendArrivals, takeDelivery } from './take-delivery.js';

const redact = (text: string): string => text;
const delivered = { trial: 't__1', outcome: { result: { trial_name: 't__1' } } } as Delivery;
const [result] = fc.sample(arbitraryOf(trialResultSchema), { numRuns: 1, seed: 1 });

/** A job without a trial, and what a worker sends of one: a link and a result of its own are in it. */
async function arrival(dir: string) {
  const sent = join(dir, 'sent');
  await mkdir(join(sent, 'verifier'), { recursive: true });
  await mkdir(join(sent, 'tries', '7'), { recursive: true });
  await writeFile(join(sent, 'verifier', 'reward.txt'), '1\n');
  await writeFile(join(sent, 'result.json'), 'forged');
  await symlink('/etc/passwd', join(sent, 'stolen'));
  const store = storeOf();
  const archive = await putPieces(store, 'f', (await packFolder(sent, 1_000_000)) ?? Buffer.alloc(0));
  const job = { dir: join(dir, 'job'), redact };
  await mkdir(job.dir);
  const outcome = { result: { ...result, trial_name: 't__1' }, anotherTry: 'may-help' };
  const delivery = {
    trial: 't__1',
    tries: 1,
    worker: 'w',
    outcome,
    folder: archive,
    leftOut: [],
  } as Delivery;
  return { job, delivery, store };
}

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
  expect((await takePieces(store, archive, 2_000_000))?.equals(content)).toBe(true);
  await dropPieces(store, archive);
  expect(store.values.size).toBe(0);
});

test('another piece and an archive larger than allowed are refused, and a piece that is gone is told', async () => {
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
  expect(await takePieces(store, archive, 2_000_000)).toBeNull();
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

test('what a worker sends takes the trial’s place whole: its result as reported, no links, the earlier tries as they were', async () => {
  await using folder = await scratchFolder();
  const { job, delivery, store } = await arrival(folder.dir);
  await mkdir(join(job.dir, 't__1', 'tries', '1'), { recursive: true });
  expect(await takeDelivery(job, delivery, store)).toEqual([expect.stringContaining('stolen')]);
  expect((await readdir(join(job.dir, 't__1'))).sort()).toEqual(['result.json', 'tries', 'verifier']);
  expect(await readdir(join(job.dir, 't__1', 'tries'))).toEqual(['1']);
  expect(await readFile(join(job.dir, 't__1', 'verifier', 'reward.txt'), 'utf8')).toBe('1\n');
  const stored = await readFile(join(job.dir, 't__1', 'result.json'), 'utf8');
  expect([stored.includes('forged'), JSON.parse(stored)]).toEqual([
    false,
    JSON.parse(JSON.stringify(delivery.outcome.result)),
  ]);
  expect(await readdir(job.dir)).toEqual(['t__1']);
});

test('a try counts once: one that the job has, or is beyond, is not taken again', async () => {
  await using folder = await scratchFolder();
  const { job, delivery, store } = await arrival(folder.dir);
  const superseded = (tries: number): Promise<boolean> => isSuperseded(job.dir, { trial: 't__1', tries });
  expect(await superseded(1)).toBe(false);
  await takeDelivery(job, delivery, store);
  expect([await superseded(1), await superseded(2)]).toEqual([true, false]);
  // Infrastructure broke it, and it is made again: what comes late of the first is of no use.
  await shelveEarlierTry(trialPaths(job.dir, 't__1'));
  expect([await superseded(1), await superseded(2)]).toEqual([true, false]);
});

test('a coordinator that died while a delivery arrived leaves no half of it, and no try is lost', async () => {
  await using folder = await scratchFolder();
  const { job } = await arrival(folder.dir);
  await mkdir(join(job.dir, '.arriving-t__1', 't__1'), { recursive: true });
  await mkdir(join(job.dir, '.tries-t__1', '1'), { recursive: true });
  await mkdir(join(job.dir, '.tries-u__1', '1'), { recursive: true });
  await mkdir(join(job.dir, 'u__1', 'verifier'), { recursive: true });
  await mendArrivals(job.dir);
  expect((await readdir(job.dir)).sort()).toEqual(['t__1', 'u__1']);
  expect((await readdir(join(job.dir, 'u__1'))).sort()).toEqual(['tries', 'verifier']);
  expect(await readdir(join(job.dir, 't__1', 'tries'))).toEqual(['1']);
});

test('a delivery of which a piece is gone leaves the trial’s folder as it was', async () => {
  await using folder = await scratchFolder();
  const { job, delivery, store } = await arrival(folder.dir);
  await dropPieces(store, delivery.folder);
  expect(await takeDelivery(job, delivery, store)).toBeNull();
  expect(await readdir(job.dir)).toEqual([]);
});

test('an archive that is none leaves the trial’s folder as it was', async () => {
  await using folder = await scratchFolder();
  const store = storeOf();
  await mkdir(join(folder.dir, 't__1'));
  // Whether it fails before or after the folder to unpack into is there.
  for (const content of ['no archive', '', randomBytes(1_000_000)])
    for (let again = 0; again < 20; again += 1) {
      const archive = await putPieces(store, 'f', Buffer.from(content));
      await expect(
        takeDelivery({ dir: folder.dir, redact }, { ...delivered, folder: archive }, store),
      ).rejects.toThrow();
    }
  expect(await readdir(folder.dir)).toEqual(['t__1']);
});

test('a folder that cannot be read is a failure that can be caught, and one too large is left off', async () => {
  await using folder = await scratchFolder();
  await expect(packFolder(join(folder.dir, 'nowhere'), 1_000)).rejects.toThrow('ENOENT');
  await writeFile(join(folder.dir, 'large'), randomBytes(4_000_000));
  expect(await packFolder(folder.dir, 100_000)).toBeNull();
});
