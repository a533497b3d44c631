import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { temporaryDir } from '../../../test/doubles/sample-job.js';
import { readJobFolder } from '../../results/read-job-folder.js';
import { exportFolder } from './export-folder.js';
import { hideForSharing, keepAll } from './redact-for-sharing.js';

const root = temporaryDir('hostile-export');
afterAll(() => rmSync(root, { recursive: true, force: true }));

const good = JSON.stringify({ task_name: 'good', verifier_result: { rewards: { reward: 1 } } });
const outside = join(root, 'outside');
const job = join(root, 'job');
mkdirSync(join(outside, 'agent'), { recursive: true });
mkdirSync(join(job, 'good__1'), { recursive: true });
for (const path of ['auth.json', 'agent/trajectory.json'])
  writeFileSync(join(outside, path), JSON.stringify({ auths: { 'registry.example': { auth: 'c2VjcmV0' } } }));
writeFileSync(join(job, 'good__1', 'result.json'), good);
symlinkSync(join(outside, 'auth.json'), join(job, 'config.json'));
symlinkSync(join(outside, 'auth.json'), join(job, 'good__1', 'config.json'));
symlinkSync(join(outside, 'agent'), join(job, 'good__1', 'agent'));
writeFileSync(join(job, 'result.json'), 'null');

it.each([
  ['harbor', keepAll],
  ['harbor', hideForSharing],
  ['atif', keepAll],
] as const)('an export as %s holds nothing that a link of the job leads to', async (format, clean) => {
  const [summary] = await readJobFolder(job);
  if (summary === undefined) throw new Error('no job');
  const out = join(root, `out-${format}`);
  expect(await exportFolder(summary, summary.trials, { format, out, clean })).toBe(1);
  const texts = readdirSync(out, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
  expect(texts.join('\n')).not.toMatch(/c2VjcmV0|auths/);
  if (format === 'harbor') expect(texts.join('\n')).toContain('task_name');
});
