import { mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../../test/doubles/task-folder.js';
import { identify, type ProcessIdentity } from '../../base/process-identity.js';
import { claimLimitMs, readClaim } from './claim.js';

const dead: ProcessIdentity = { ...identify(), pid: 2 ** 22 + 7 };
const claim = (owner: ProcessIdentity, isOpen: boolean): string =>
  JSON.stringify({ owner, is_open: isOpen, ticket: { container: { id: 'c1' } } });

test('a sandbox waits while its claim is open and a day has not gone since its last turn', async () => {
  await using folder = await scratchFolder();
  const path = join(folder.dir, 'claim.json');
  const stateOf = async (): Promise<string | null> => (await readClaim(path, 'c1'))?.state ?? null;
  expect(await stateOf()).toBeNull();
  await writeFile(path, claim(identify(), true));
  expect(await stateOf()).toBe('alive');
  await writeFile(path, claim(dead, false));
  expect(await stateOf()).toBe('dead');
  await writeFile(path, claim(dead, true));
  expect(await stateOf()).toBe('waiting');
  const long = new Date(Date.now() - claimLimitMs - 60_000);
  await utimes(path, long, long);
  expect(await stateOf()).toBe('dead');
  // Its last turn is younger than the claim.
  await writeFile(join(folder.dir, 'answers.jsonl'), '');
  expect(await stateOf()).toBe('waiting');
});

test('a claim of another container is none, and one that cannot be read is nobody’s to sweep', async () => {
  await using folder = await scratchFolder();
  const path = join(folder.dir, 'claim.json');
  await writeFile(path, claim(dead, true));
  expect(await readClaim(path, 'c2')).toBeNull();
  await writeFile(path, 'no json');
  expect(await readClaim(path, 'c1')).toBeNull();
  await rm(path);
  for (const make of [() => symlink('/dev/zero', path), () => mkdir(path)]) {
    await make();
    expect(await readClaim(path, 'c1')).toEqual({ owner: null, state: 'unknown' });
    await rm(path, { recursive: true });
  }
});
