import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { harborTask, scratchFolder } from '../../../test/doubles/task-folder.js';
import { checkDataset, manifestBeside } from './check-dataset.js';
import { taskDigests } from '../digest.js';
import { loadFolder } from '../load-folder.js';

test('says of every task what its files show, and goes on after a broken one', async () => {
  await using scratch = await scratchFolder();
  const { 'unsolved/solution/solve.sh': _solution, ...unsolved } = harborTask('unsolved');
  await scratch.write({
    ...harborTask('broken', 'agent = 1'),
    ...harborTask('clean'),
    ...harborTask('odd', 'schema_version = "1.4"\n[agent]\ntimeout = 5\n'),
    'odd/tests/test.sh': 'pytest /opt/hidden_tests/test_x.py\r\n',
    ...unsolved,
    '.git/HEAD': 'ref: refs/heads/main',
    ...harborTask('lfs'),
    'lfs/environment/model': `version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n`,
    ...harborTask('steps', '[agent]\ntimeout_sec = 5\n[[steps]]\nname = "a"\n'),
    'steps/steps/a/instruction.md': 'A.',
  });
  const findings = await checkDataset(await loadFolder(scratch.dir), null);
  const file = path.join(scratch.dir, 'odd/task.toml');
  expect(findings.map(({ task, level, text }) => [task, level, text])).toEqual([
    ['broken', 'error', expect.stringContaining('broken/task.toml: agent:')],
    ['lfs', 'error', 'environment/model is a Git LFS pointer, its content is missing'],
    ['odd', 'warning', `${file}: unknown key agent.timeout (did you mean agent.timeout_sec?)`],
    [
      'odd',
      'warning',
      'tests/test.sh runs tests from /opt/hidden_tests/test_x.py, where the agent can write',
    ],
    ['odd', 'warning', 'tests/test.sh has Windows line ends, which bash does not read'],
    ['odd', 'warning', 'no file in tests/ mentions reward.txt or reward.json'],
    ['odd', 'note', 'the agent has no time limit'],
    ['unsolved', 'note', 'ships no solution'],
  ]);
});

test('takes what looks like a Git LFS pointer for material where nothing came from git', async () => {
  await using scratch = await scratchFolder();
  await scratch.write({
    ...harborTask('lfs'),
    'lfs/environment/model': `version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n`,
  });
  expect(await checkDataset(await loadFolder(scratch.dir), null)).toEqual([]);
});

test('names files and texts that are not UTF-8', async () => {
  await using scratch = await scratchFolder();
  await scratch.write({ ...harborTask('name'), ...harborTask('text'), ...harborTask('toml') });
  await writeFile(Buffer.from(`${scratch.dir}/name/environment/n\xe4me.txt`, 'latin1'), '');
  await writeFile(path.join(scratch.dir, 'text/instruction.md'), Buffer.from('gr\xfc\xdfe', 'latin1'));
  await writeFile(path.join(scratch.dir, 'toml/task.toml'), Buffer.from('# \xe4\n', 'latin1'));
  const findings = await checkDataset(await loadFolder(scratch.dir), null);
  expect(findings.map(({ task, level, text }) => [task, level, text])).toEqual([
    ['name', 'error', expect.stringMatching(/environment\/n.me\.txt: a file name that is not UTF-8/)],
    ['text', 'error', expect.stringMatching(/instruction\.md: not UTF-8 text/)],
    ['toml', 'error', expect.stringMatching(/task\.toml: not UTF-8 text/)],
  ]);
});

test('holds a folder against the digests in its dataset.toml', async () => {
  await using scratch = await scratchFolder();
  await scratch.write({
    ...harborTask('same'),
    ...harborTask('changed', 'schema_version = "1.1" # edited\n'),
  });
  const { digest } = await taskDigests(path.join(scratch.dir, 'same'));
  await scratch.write({
    'dataset.toml': `[dataset]\nname = "acme/set"\n[[tasks]]\nname = "acme/same"\ndigest = "${digest}"\n[[tasks]]\nname = "acme/changed"\ndigest = "${digest}"\n`,
  });
  const dataset = await loadFolder(scratch.dir);
  const findings = await checkDataset(dataset, await manifestBeside(dataset));
  expect(findings).toEqual([
    {
      task: 'changed',
      level: 'warning',
      text: expect.stringMatching(/^differs from the published task/) as unknown,
    },
  ]);
});
