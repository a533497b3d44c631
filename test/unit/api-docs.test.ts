import { execFile } from 'node:child_process';
import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { readJob, scoreJob } from '../../src/index.js';
import { scoresToJson } from '../../src/report/score/score-json.js';
import { apiExamples, runExample } from '../doubles/doc-examples.js';
import { temporaryDir, writeSampleJob } from '../doubles/sample-job.js';

const dir = temporaryDir('api');
afterAll(() => rmSync(dir, { recursive: true, force: true }), 60_000);
symlinkSync(writeSampleJob(join(dir, 'results', 'main')), join(dir, 'results', 'candidate'));

const examples = apiExamples().filter((code) => !code.includes('openRun'));

test('docs/api.md has examples of reading, comparing, gating and errors', () => {
  expect(examples).toHaveLength(4);
});

const expected = [
  / ± .* over 5 runs\n444 of 445 trials/,
  /difference 0 .*\nno-regression/s,
  /^no-regression$/m,
  /no job/,
];

test.each(examples.map((code, index) => ({ code, says: expected[index] ?? /./ })))(
  'an example of docs/api.md runs: $says',
  async ({ code, says }) => {
    expect(await runExample(code, dir)).toMatch(says);
  },
  60_000,
);

test('the library scores a job of another harness as tbench score does', async () => {
  const job = join(dir, 'results', 'main');
  const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
  const argv = ['--import', import.meta.resolve('tsx'), main, 'score', job, '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, argv, { maxBuffer: 2 ** 26 });
  const scores = (await readJob(job)).map((one) => scoreJob(one));
  expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(scoresToJson(scores))));
  expect(scores[0]?.counts.statuses).not.toEqual({});
}, 60_000);
