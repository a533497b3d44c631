import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LockedError } from '../errors.js';
import { isLocked, takeFileLock, waitForFileLock } from './file-lock.js';
import { identify } from '../process-identity.js';

let dir: string;
let path: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tbench-lock-'));
  path = join(dir, 'lock.json');
});
afterEach(() => rm(dir, { recursive: true }));

/** This process's pid under another start time: a dead process whose pid was used again. */
const dead = { ...identify(), startedAt: '1', token: 'dead', since: 'then' };

describe('takeFileLock', () => {
  test('refuses a second taker while the first lives, and says who holds it', async () => {
    await using _lock = await takeFileLock(path);
    const refused = await takeFileLock(path).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(LockedError);
    expect(String(refused)).toContain(`process ${process.pid}`);
    expect(await isLocked(path)).toBe(true);
  });

  test('leaves no file once given up', async () => {
    const lock = await takeFileLock(path);
    await lock[Symbol.asyncDispose]();
    expect(await readdir(dir)).toEqual([]);
    expect(await isLocked(path)).toBe(false);
  });

  test.each([
    ['a dead process, whose pid is used again', JSON.stringify(dead)],
    ['nobody: a damaged file', '{ torn'],
  ])('takes over the lock of %s', async (_, content) => {
    await writeFile(path, content);
    expect(await isLocked(path)).toBe(false);
    await using _lock = await takeFileLock(path);
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject(identify());
    expect(await readdir(dir)).toEqual(['lock.json']);
  });

  test('lets exactly one of many take over a dead lock', async () => {
    await writeFile(path, JSON.stringify(dead));
    const tries = await Promise.allSettled(Array.from({ length: 20 }, () => takeFileLock(path)));
    expect(tries.filter((entry) => entry.status === 'fulfilled')).toHaveLength(1);
  });

  test('a process of another machine counts as living', async () => {
    await writeFile(path, JSON.stringify({ ...dead, realm: 'elsewhere/1/1' }));
    await expect(takeFileLock(path)).rejects.toBeInstanceOf(LockedError);
  });

  test('giving up a lock that somebody took over meanwhile leaves theirs alone', async () => {
    const lock = await takeFileLock(path);
    await writeFile(path, JSON.stringify({ ...identify(), token: 'theirs', since: 'now' }));
    await lock[Symbol.asyncDispose]();
    expect(await readdir(dir)).toEqual(['lock.json']);
  });
});

describe('waitForFileLock', () => {
  test('admits one holder at a time', async () => {
    let [inside, most] = [0, 0];
    const visit = async (): Promise<void> => {
      await using _lock = await waitForFileLock(path);
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inside -= 1;
    };
    await Promise.all([visit(), visit(), visit(), visit()]);
    expect(most).toBe(1);
    expect(await readdir(dir)).toEqual([]);
  });

  test('waits for the living and not for the dead', async () => {
    await writeFile(path, JSON.stringify(dead));
    const lock = await waitForFileLock(path, AbortSignal.timeout(2_000));
    let second = false;
    const waiting = waitForFileLock(path).then((late) => {
      second = true;
      return late;
    });
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(second).toBe(false);
    await lock[Symbol.asyncDispose]();
    await (await waiting)[Symbol.asyncDispose]();
  });

  test('stops waiting when the signal aborts, leaving nothing behind', async () => {
    await using _held = await takeFileLock(path);
    const controller = new AbortController();
    const waiting = waitForFileLock(path, controller.signal);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect(await readdir(dir)).toEqual(['lock.json']);
  });
});
