import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CountingEngine } from '../../../test/doubles/trial-tools.js';
import { checkDisk, checkEngineDisk, freeSpaceWarnings } from './free-space.js';

const { info } = new CountingEngine();
/** A file system that never has a free byte. */
const full = '/proc/self';

describe('free space', () => {
  it('is looked at where a folder will lie that is not there yet', async () => {
    const check = await checkDisk('disk', join(tmpdir(), 'not', 'there', 'yet'));
    expect(check.detail).toMatch(/^\d+\.\d GiB free at .*yet$/);
  });

  it('is warned of before a run where results go, and where images and sandboxes go', async () => {
    const warnings = await freeSpaceWarnings(full, { ...info, storageDir: '/proc' });
    expect(warnings).toEqual([
      expect.stringContaining(`little disk space: 0.0 GiB free at ${full}.`),
      expect.stringContaining('little disk space: 0.0 GiB free at /proc.'),
    ]);
  });

  it('of an engine elsewhere, or that does not say, is not guessed', async () => {
    expect(await checkEngineDisk({ ...info, storageDir: '/no/such/folder/here' })).toEqual([]);
    expect(await checkEngineDisk(info)).toEqual([]);
  });
});
