import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../doubles/task-folder.js';
import { runCli } from './cli.js';
import { podman } from './podman.js';
import { baseImage } from './engine.js';

const toml = (version: string): string =>
  `artifacts = ["/srv/out"]\n[task]\nname = "org/graded"\nversion = "${version}"\n[environment]\ndocker_image = "${baseImage}"\n[agent]\ntimeout_sec = 60\n[verifier]\ntimeout_sec = 60\nenvironment_mode = "separate"\n`;
const passIf = (condition: string): string =>
  `if ${condition}; then echo 1; else echo 0; fi > /logs/verifier/reward.txt\n`;

test('new tests judge what a recorded trial kept, and nothing else of the trial is touched', async () => {
  await using scratch = await scratchFolder();
  await scratch.write({
    'set/graded/task.toml': toml('1.0.0'),
    'set/graded/instruction.md': 'Fill /srv/out.\n',
    'set/graded/environment/README': '',
    'set/graded/solution/solve.sh': 'mkdir -p /srv/out && echo four > /srv/out/answer\n',
    'set/graded/tests/test.sh': passIf('[ -e /srv/out/answer ]'),
  });
  const results = path.join(scratch.dir, 'results');
  const set = path.join(scratch.dir, 'set');
  const run = ['run', '--dataset', set, '--agent', 'oracle', '--attempts', '2', '--pull', 'never'];
  expect((await runCli([...run, '--results', results, '--job', 'job'])).code).toBe(0);
  const recorded = await readFile(path.join(results, 'job/graded__1/result.json'), 'utf8');
  await scratch.write({
    'set/graded/task.toml': toml('1.1.0'),
    'set/graded/tests/test.sh': passIf('grep -q five /srv/out/answer'),
  });
  await writeFile(path.join(results, 'job/graded__2/artifacts/srv/out/answer'), 'five\n');
  // A record may say that it is of another trial, or of another job: what it says decides no path.
  const second = path.join(results, 'job/graded__2/result.json');
  const told = JSON.parse(await readFile(second, 'utf8')) as object;
  await writeFile(second, JSON.stringify({ ...told, trial_name: '../job/graded__1' }));
  const { code, stdout } = await runCli(['regrade', 'job', '--results', results, '--json']);
  expect(code, stdout).toBe(0);
  const graded = { action: 'regrade', reason: 'version 1.0.0 became 1.1.0', recorded: 1 };
  expect(JSON.parse(stdout)).toEqual({
    job: 'job',
    regraded: 'job__regrade-1',
    trials: [
      { trial: 'graded__1', ...graded, regraded: 0 },
      { trial: 'graded__2', ...graded, regraded: 1 },
    ],
  });
  expect(await readFile(path.join(results, 'job/graded__1/result.json'), 'utf8')).toBe(recorded);
  const anew = path.join(results, 'job__regrade-1/graded__1');
  expect(JSON.parse(await readFile(path.join(anew, 'config.json'), 'utf8'))).toMatchObject({
    source_trial: { action: 'regrade', trial_id: (JSON.parse(recorded) as { id: string }).id },
  });
  expect(await readFile(path.join(anew, 'artifacts/srv/out/answer'), 'utf8')).toBe('four\n');

  await scratch.write({ 'set/graded/task.toml': toml('2.0.0') });
  const again = await runCli(['regrade', 'job', '--results', results]);
  expect([again.code, again.stdout]).toEqual([
    0,
    'rerun: 2 trials: version 1.0.0 became 2.0.0 (graded__1, graded__2)\n',
  ]);
}, 180_000);

const sharedToml = (version: string): string =>
  `[task]\nname = "org/shared"\nversion = "${version}"\n[environment]\ndocker_image = "${baseImage}"\n[agent]\ntimeout_sec = 60\n[verifier]\ntimeout_sec = 60\n`;

test('new tests judge a sandbox that --keep-final kept, with all that its agent changed', async () => {
  await using scratch = await scratchFolder();
  await scratch.write({
    'set/shared/task.toml': sharedToml('1.0.0'),
    'set/shared/instruction.md': 'Fill /srv/answer.\n',
    'set/shared/environment/README': '',
    'set/shared/solution/solve.sh': 'echo four > /srv/answer; rm -f /etc/issue; touch /usr/local/bin/bash\n',
    'set/shared/tests/test.sh': passIf('[ -e /srv/answer ]'),
  });
  const results = path.join(scratch.dir, 'results');
  const set = path.join(scratch.dir, 'set');
  const run = ['run', '--dataset', set, '--agent', 'oracle', '--attempts', '1', '--pull', 'never'];
  const made = await runCli([...run, '--keep-final', '--results', results, '--job', 'job']);
  expect(made.code, made.stderr).toBe(0);
  const trial = path.join(results, 'job/shared__1');
  const final = JSON.parse(await readFile(path.join(trial, 'final.json'), 'utf8')) as {
    readonly image: { readonly reference: string };
  };
  const { reference } = final.image;
  try {
    await scratch.write({
      'set/shared/task.toml': sharedToml('1.1.0'),
      'set/shared/tests/test.sh': passIf('grep -q five /srv/answer && [ ! -e /etc/issue ]'),
    });
    // A sweep, which every start begins with, takes what a dead process froze for itself, and not this.
    const first = await runCli(['regrade', 'job', '--results', results, '--json']);
    expect(first.code, first.stderr).toBe(0);
    expect(JSON.parse(first.stdout)).toMatchObject({
      regraded: 'job__regrade-1',
      trials: [{ trial: 'shared__1', action: 'regrade', recorded: 1, regraded: 0 }],
    });
    await scratch.write({
      'set/shared/task.toml': sharedToml('1.2.0'),
      'set/shared/tests/test.sh': passIf('grep -q four /srv/answer && [ ! -e /etc/issue ]'),
    });
    const second = await runCli(['regrade', 'job', '--results', results, '--json']);
    expect(JSON.parse(second.stdout)).toMatchObject({ trials: [{ recorded: 1, regraded: 1 }] });
    const changesOf = async (job: string): Promise<unknown> => {
      const text = await readFile(path.join(results, job, 'shared__1/result.json'), 'utf8');
      type Record = { integrity: { evidence: { scene: { watched: { path: string; kind: string }[] } } } };
      return (JSON.parse(text) as Record).integrity.evidence.scene.watched.map(({ path: at, kind }) => [
        at,
        kind,
      ]);
    };
    expect(await changesOf('job')).toContainEqual(['/usr/local/bin/bash', 'added']);
    expect(await changesOf('job__regrade-2')).toEqual(await changesOf('job'));
  } finally {
    await podman('rmi', reference);
  }
  const gone = await runCli(['regrade', 'job', '--results', results]);
  expect(gone.stdout).toContain('rerun: 1 trial: the image of its sandbox is not on this engine any more');
}, 240_000);

test('a dataset that cannot be read is told once', async () => {
  await using scratch = await scratchFolder();
  const trial = (version: string) => ({
    'set/shared/task.toml': sharedToml(version),
    'set/shared/instruction.md': 'Nothing.\n',
    'set/shared/environment/README': '',
    'set/shared/solution/solve.sh': 'true\n',
    'set/shared/tests/test.sh': passIf('true'),
  });
  await scratch.write(trial('1.0.0'));
  const results = path.join(scratch.dir, 'results');
  const set = path.join(scratch.dir, 'set');
  const run = ['run', '--dataset', set, '--agent', 'oracle', '--attempts', '2', '--pull', 'never'];
  expect((await runCli([...run, '--results', results, '--job', 'job'])).code).toBe(0);
  await scratch.write({ 'set/shared/task.toml': 'no = [toml\n' });
  const broken = await runCli(['regrade', 'job', '--results', results]);
  expect(broken.code).toBe(2);
  expect(broken.stdout).toBe('');
  expect(broken.stderr.match(/holds no task that can be read: shared: /g)).toHaveLength(1);
}, 180_000);
