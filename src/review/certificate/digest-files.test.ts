import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { digestFiles } from './digest-files.js';

const root = mkdtempSync(join(tmpdir(), 'digest-files-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('what is no regular file of a bounded size is named in place of its digest, and not waited for', async () => {
  writeFileSync(join(root, 'plain'), 'plain');
  execFileSync('mkfifo', [join(root, 'pipe')]);
  symlinkSync('/dev/zero', join(root, 'endless'));
  writeFileSync(join(root, 'huge'), '');
  truncateSync(join(root, 'huge'), 17 * 2 ** 30);
  expect(await digestFiles(root)).toEqual({
    plain: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    pipe: expect.stringContaining('no regular file') as string,
    endless: expect.stringContaining('link') as string,
    huge: expect.stringMatching(/^has \d+ bytes, more than/) as string,
  });
});
