import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { scratchFolder } from '../doubles/task-folder.js';
import { runCli } from './cli.js';
import { baseImage } from './engine.js';

const bundled = `FROM ${baseImage}\nCOPY . /tests/\n`;

/** A task whose tests run in an image of their own, and what its solution leaves. */
function separateTask(
  name: string,
  parts: { solve: string; test: string; toml?: string },
): Record<string, string> {
  return {
    [`${name}/task.toml`]: `artifacts = ["/srv/out"]\n${parts.toml ?? ''}[environment]\ndocker_image = "${baseImage}"\nstorage_mb = 64\n[agent]\ntimeout_sec = 60\n[verifier]\ntimeout_sec = 60\nenvironment_mode = "separate"\n`,
    [`${name}/instruction.md`]: 'Fill /srv/out.\n',
    [`${name}/environment/README`]: '',
    [`${name}/tests/Dockerfile`]: bundled,
    [`${name}/tests/test.sh`]: parts.test,
    [`${name}/solution/solve.sh`]: parts.solve,
  };
}

interface Stored {
  readonly verifier_result: { readonly rewards: { readonly reward: number } } | null;
  readonly integrity: {
    readonly verdict: string;
    readonly evidence: { readonly negative_control: { readonly outcome: string } };
  } | null;
  readonly tbench: { readonly warnings: readonly string[] };
}

async function oracle(files: Record<string, string>, ...more: readonly string[]) {
  const scratch = await scratchFolder();
  await scratch.write(files);
  const results = path.join(scratch.dir, 'results');
  const args = ['run', '--dataset', scratch.dir, '--agent', 'oracle', '--attempts', '1', '--pull', 'never'];
  const { stderr } = await runCli([...args, '--results', results, '--job', 'job', ...more]);
  const read = async (trial: string, file: string): Promise<string> =>
    readFile(path.join(results, 'job', `${trial}__1`, file), 'utf8').catch(() => stderr);
  return {
    read,
    stored: async (trial: string) => JSON.parse(await read(trial, 'result.json')) as Stored,
    [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose](),
  };
}

const pythonTest = 'import os\n\n\ndef test_a():\n    assert os.path.exists("/srv/out/a")\n';
const runner =
  'def main(path):\n    space = {}\n    exec(open(path).read(), space)\n    for name, test in list(space.items()):\n        if name.startswith("test_"):\n            test()\n';

test('hostile artifacts reach neither the host nor the verifier, and what is honest beside them does', async () => {
  const solve = [
    'mkdir -p /srv/out/sub && cd /srv/out && echo fine > sub/a',
    'ln -s /etc/shadow absolute; ln -s ../../etc out; ln -s sub/../../.. turn; ln -s sub/a inside; mkfifo pipe',
    'touch "$(printf \'bad\\nname\')" -- "a:b" && chmod 4755 sub/a',
  ].join('\n');
  const test_ =
    'cd /srv/out && [ "$(ls | sort | tr "\\n" " ")" = "a:b bad inside name sub " ] && [ "$(cat inside)" = fine ] && [ ! -u sub/a ] && [ ! -e /srv/other ] && echo 1 > /logs/verifier/reward.txt || { ls -la > /logs/verifier/seen; echo 0 > /logs/verifier/reward.txt; }\n';
  const flood = 'mkdir -p /srv/out; truncate -s 10G /srv/out/zeros; echo x > /logs/artifacts/kept\n';
  const gone =
    '[ ! -e /srv/out/zeros ] && [ -e /logs/artifacts/kept ] && echo 1 > /logs/verifier/reward.txt\n';
  await using run = await oracle({
    ...separateTask('links', { solve, test: test_ }),
    ...separateTask('flood', { solve: flood, test: gone }),
  });
  expect(await run.read('links', 'verifier/seen')).not.toContain('total');
  expect(await run.stored('links')).toMatchObject({
    verifier_result: { rewards: { reward: 1 } },
    integrity: { verdict: 'clean' },
  });
  const { tbench, verifier_result } = await run.stored('flood');
  expect(verifier_result?.rewards.reward).toBe(1);
  // What the small artifacts before it took is gone from the 64 MiB.
  expect(tbench.warnings.join()).toMatch(/larger than 671088\d\d bytes \(the task's storage_mb\)/);
}, 120_000);

test('the control appends a failing test inside the image that carries the tests', async () => {
  const files = separateTask('controlled', {
    solve: 'mkdir -p /srv/out && touch /srv/out/a\n',
    test: "if command -v python3 >/dev/null; then python3 -c \"import sys; sys.path.insert(0, '/tests'); import run; run.main('/tests/test_x.py')\"; else [ -e /srv/out/a ] && ! grep -q final_state /tests/test_x.py; fi\n[ $? -eq 0 ] && echo 1 > /logs/verifier/reward.txt || echo 0 > /logs/verifier/reward.txt\n",
  });
  await using run = await oracle(
    { ...files, 'controlled/tests/test_x.py': pythonTest, 'controlled/tests/run.py': runner },
    ...['--negative-control', 'on'],
  );
  const { integrity } = await run.stored('controlled');
  expect([integrity?.verdict, integrity?.evidence.negative_control.outcome]).toEqual(['clean', 'held']);
}, 120_000);

test('the agent is gone before the verifier starts, and no tests or solution of its are there', async () => {
  const files = separateTask('apart', {
    solve:
      'mkdir -p /srv/out /tests && echo fake > /tests/test.sh && (setsid sleep 1000 &) && echo 1 > /logs/verifier/reward.txt; touch /srv/out/a\n',
    test: '[ ! -e /solution ] && [ ! -e /logs/agent ] && ! grep -q "" /logs/verifier/reward.txt 2>/dev/null && [ -e /srv/out/a ] && echo 1 > /logs/verifier/reward.txt\n',
  });
  await using run = await oracle(files);
  expect(await run.stored('apart')).toMatchObject({
    verifier_result: { rewards: { reward: 1 } },
    integrity: { verdict: 'clean', evidence: { scene: null } },
  });
  expect(await run.read('apart', 'trial.log')).toMatch(/environment is gone[^]* handover/);
  const left = await promisify(execFile)('podman', [
    'ps',
    '-a',
    '--filter',
    'label=tbench.trial=apart__1',
    '-q',
  ]);
  expect(left.stdout).toBe('');
}, 120_000);
