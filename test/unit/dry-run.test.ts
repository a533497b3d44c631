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
      longestMs: (6 * 360_000) / 2 + 360_000 / 2,
    },
  ]);
  const text = renderDryRun(jobs);
  expect(text).toContain('6 trials (2 tasks × 3), 2 at once');
  expect(text).toContain(
    'at most 21.0 min, if every agent and every verifier takes all its time, without builds, pulls',
  );
  expect(text).toContain('at most 393,216 of context');
});

test('the time of a dry run holds in whatever order trials take the slots, and every step has its own', async () => {
  await using scratch = await scratchFolder();
  const step = (name: string): string =>
    `[[steps]]\nname = "${name}"\n[steps.agent]\ntimeout_sec = 60.0\n[steps.verifier]\ntimeout_sec = 60.0\n`;
  const toml = `schema_version = "1.4"\n[agent]\ntimeout_sec = 30.0\n[verifier]\ntimeout_sec = 60.0\n`;
  const dir = await scratch.write({
    ...harborTask('tasks/a', toml),
    ...harborTask('tasks/b', toml),
    ...harborTask('tasks/stepwise', `${toml}${step('one')}${step('two')}`),
    'tasks/stepwise/steps/one/instruction.md': 'One.\n',
    'tasks/stepwise/steps/two/instruction.md': 'Two.\n',
  });
  const spec = parseRunSpec({
    datasets: [join(dir, 'tasks')],
    attempts: 1,
    concurrency: 2,
    agent: { kind: 'model', model: { name: 'org/m', baseUrls: ['http://127.0.0.1:9/v1'] } },
  });
  const surroundings = { env: {}, signal: new AbortController().signal, tell: () => undefined };
  // 90 s, 90 s and 2 × 120 s: the two short ones first, and the long one begins after 90 s.
  const [job] = await dryRun(spec, surroundings);
  expect(job).toMatchObject({ longestMs: 210_000 + 120_000, mostTokens: 4 * 65_536 });
});
