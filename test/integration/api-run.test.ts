import { rmSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { apiExamples, runExample } from '../doubles/doc-examples.js';
import { temporaryDir } from '../doubles/sample-job.js';

const dir = temporaryDir('api-run');
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('the example of docs/api.md that runs a job runs it', async () => {
  const [run] = apiExamples().filter((code) => code.includes('openRun'));
  expect(await runExample(run ?? '', dir)).toBe('results/api-example: 1 of 1 trials\n');
});
