import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { temporaryDir } from '../../../test/doubles/sample-job.js';
import { TbenchError } from '../../base/errors.js';
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

const deep = (open: string, close: string): string => open.repeat(20_000) + close.repeat(20_000);
it.each([
  ['null', 'null'],
  ['a number', '1e999'],
  ['a list in lists', deep('[', ']')],
  ['a table in tables', deep('{"a":', '}').replace('}', '1}')],
  ['no JSON at all', '{"a":'],
  [
    'steps that are none',
    '{"steps":[null,1,{"source":null,"tool_calls":[null]}],"messages":[null,{"role":null}]}',
  ],
  [
    'figures that cannot be',
    '{"usage":{"prompt_tokens":-1,"completion_tokens":1e308},"final_metrics":{"total_cost_usd":-1e308}}',
  ],
])('a job whose files hold %s is exported all the same, or refused in words', async (name, text) => {
  const dir = join(root, `odd-${name}`);
  const trial = join(dir, 'good__1');
  mkdirSync(join(trial, 'agent'), { recursive: true });
  writeFileSync(join(trial, 'result.json'), good);
  for (const path of ['config.json', 'lock.json', 'result.json']) writeFileSync(join(dir, path), text);
  for (const path of ['config.json', 'agent/trajectory.json', 'agent/usage.json', 'agent/timing.json'])
    writeFileSync(join(trial, path), text);
  writeFileSync(join(trial, 'agent', 'journal.jsonl'), `${text}\n`);
  const [summary] = await readJobFolder(dir);
  if (summary === undefined) throw new Error('no job');
  for (const format of ['harbor', 'atif'] as const) {
    const out = join(root, `out-${name}-${format}`);
    const done = await exportFolder(summary, summary.trials, { format, out, clean: hideForSharing }).catch(
      (error: unknown) => error,
    );
    expect(typeof done === 'number' || done instanceof TbenchError, String(done)).toBe(true);
  }
});
