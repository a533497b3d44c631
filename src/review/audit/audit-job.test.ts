import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { writeSteppedTrial } from '../../../test/doubles/stepped-trial.js';
import { readJob } from '../read-job.js';
import { auditFolder } from '../story/folder-audit.js';
import { readStepStory, readTrialStory } from '../story/trial-story.js';

const dir = mkdtempSync(join(tmpdir(), 'tbench-audit-job-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it('does not hold a trial of several steps to the report that lies in its steps', async () => {
  const stepped = join(dir, 'grow__1');
  writeSteppedTrial(stepped);
  const plain = join(dir, 'plain__1');
  mkdirSync(join(plain, 'verifier'), { recursive: true });
  const result = { task_name: 'plain', trial_name: 'plain__1', verifier_result: { rewards: { reward: 1 } } };
  writeFileSync(join(plain, 'result.json'), JSON.stringify(result));
  const summary = { tests: 1, passed: 1, failed: 0, skipped: 0, pending: 0, other: 0 };
  writeFileSync(join(plain, 'verifier/ctrf.json'), JSON.stringify({ results: { summary } }));
  const [job] = await readJob(dir);
  const found = job?.trials.find(({ task }) => task === 'grow');
  expect(found).toMatchObject({ measured: true, verdict: null, effectiveReward: 0.5 });
  const { trials } = await auditFolder(dir, [stepped, plain]);
  expect(trials.map(({ audit }) => audit.verdict)).toEqual([null, 'clean']);
  const { source } = await readTrialStory(stepped);
  expect(source).toMatchObject({
    audit: { verdict: null, reason: 'each of its steps has tests of its own' },
  });
  const step = await readStepStory(stepped, 'write');
  expect(step).toMatchObject({ reward: 1, source: { kind: 'foreign', audit: { verdict: 'clean' } } });
  expect(await readStepStory(stepped, 'none')).toBe(null);
});
