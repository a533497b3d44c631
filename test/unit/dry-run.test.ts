import { join } from 'node:path';
import { expect, test } from 'vitest';
import { harborTask, scratchFolder } from '../doubles/task-folder.js';
import { renderDryRun } from '../../src/report/tasks/dry-run-report.js';
import { dryRun } from '../../src/run/dry-run.js';
import { parseRunSpec } from '../../src/run/parse-run-spec.js';

test('a dry run tells trials, time, images and tokens, and asks no server', async () => {
  await using scratch = await scratchFolder();
  const toml = (more: string): string =>
    `schema_version = "1.4"\n[agent]\ntimeout_sec = 300.0\n[verifier]\ntimeout_sec = 60.0\n${more}`;
  const dir = await scratch.write({
    ...harborTask('tasks/built', toml('')),
    ...harborTask('tasks/named', toml('[environment]\ndocker_image = "org/image:1"\n')),
    ...harborTask('tasks/windows', toml('[environment]\nos = "windows"\ndocker_image = "w"\n')),
  });
  const spec = parseRunSpec({
    datasets: [join(dir, 'tasks')],
    attempts: 3,
    concurrency: 2,
    agent: { kind: 'model', model: { name: 'org/m', baseUrls: ['http://127.0.0.1:9/v1'] } },
  });
  const surroundings = { env: {}, signal: new AbortController().signal, tell: () => undefined };
  const jobs = await dryRun(spec, surroundings);
  expect(jobs).toMatchObject([
    {
      tasks: 2,
      attempts: 3,
      images: ['org/image:1'],
      builds: 1,
      mostTokens: 6 * 65_536,
      longestMs: (6 * 360_000) / 2,
    },
  ]);
  const text = renderDryRun(jobs);
  expect(text).toContain('6 trials (2 tasks × 3), 2 at once');
  expect(text).toContain('at most 18.0 min');
  expect(text).toContain('at most 393,216 of context');
});
