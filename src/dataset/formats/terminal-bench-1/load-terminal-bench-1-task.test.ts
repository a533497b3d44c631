import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { scratchFolder, type ScratchFolder } from '../../../../test/doubles/task-folder.js';
import { loadTask } from '../../load-task.js';
import { collectSolutionFiles, collectTestFiles } from '../../upload-files.js';
import { runTestsScript } from './run-tests-script.js';

let scratch: ScratchFolder;
beforeEach(async () => {
  scratch = await scratchFolder();
});
afterEach(() => scratch[Symbol.asyncDispose]());

const yaml = `instruction: |-
  Fix it.
author_name: Ann
difficulty: easy
category: debugging
tags: [a, b]
parser_name: pytest
max_agent_timeout_sec: 720.0
max_test_timeout_sec: 90
run_tests_in_same_shell: false
`;
const compose = `services:
  client:
    build:
      dockerfile: Dockerfile
    image: \${T_BENCH_TASK_DOCKER_CLIENT_IMAGE_NAME}
    container_name: \${T_BENCH_TASK_DOCKER_CLIENT_CONTAINER_NAME}
    command: ["sh", "-c", "sleep infinity"]
    environment:
      - TEST_DIR=\${T_BENCH_TEST_DIR}
      - MODE=plain
    volumes:
      - \${T_BENCH_TASK_LOGS_PATH}:\${T_BENCH_CONTAINER_LOGS_PATH}
    mem_limit: 512m
`;
const folder = {
  'old/task.yaml': yaml,
  'old/docker-compose.yaml': compose,
  'old/Dockerfile': 'FROM debian\n',
  'old/run-tests.sh': 'pytest $TEST_DIR/test_outputs.py -rA\n',
  'old/solution.sh': 'true\n',
  'old/tests/test_outputs.py': 'def test_x(): pass\n',
};

async function loadOld(): ReturnType<typeof loadTask> {
  await scratch.write(folder);
  return loadTask(path.join(scratch.dir, 'old'));
}

describe('a Terminal-Bench 1 task', () => {
  test('loads into the same type', async () => {
    const task = await loadOld();
    expect(task).toMatchObject({
      name: 'old',
      format: 'terminal-bench-1',
      instruction: 'Fix it.',
      difficulty: 'easy',
      category: 'debugging',
      metadata: { tags: ['a', 'b'], parser_name: 'pytest' },
      environment: {
        dockerImage: null,
        buildContext: path.join(scratch.dir, 'old'),
        dockerfile: 'Dockerfile',
        memoryBytes: 512 * 1024 * 1024,
        env: { MODE: 'plain' },
      },
      agent: { timeoutMs: 720_000 },
      verifier: { timeoutMs: 90_000, script: 'test.sh' },
      warnings: [],
    });
    expect(task.refusals).toEqual([]);
  });

  test('puts its tests with a test.sh, and only its solution, into the sandbox', async () => {
    const task = await loadOld();
    expect((await collectTestFiles(task)).map((file) => file.path)).toEqual(['test_outputs.py', 'test.sh']);
    const solution = await collectSolutionFiles(task);
    expect(solution?.map((file) => file.path)).toEqual(['solution.sh']);
  });

  test('takes an empty key for one not given, and host variables for none', async () => {
    await scratch.write({
      ...folder,
      'old/task.yaml': `${yaml}estimated_duration_sec:\nmax_test_timeout_sec:\n`.replace(
        'max_test_timeout_sec: 90\n',
        '',
      ),
      'old/docker-compose.yaml':
        'services:\n  client:\n    image: ${T_BENCH_TASK_DOCKER_CLIENT_IMAGE_NAME}\n    network_mode: none\n    environment: [SECRET, A=b]\n',
    });
    const task = await loadTask(path.join(scratch.dir, 'old'));
    expect(task).toMatchObject({
      verifier: { timeoutMs: 60_000 },
      environment: {
        buildContext: path.join(scratch.dir, 'old'),
        env: { A: 'b' },
        network: { mode: 'no-network' },
      },
    });
    expect(task.refusals).toEqual([]);
  });

  test.each([
    [
      'mounts volumes',
      compose.replace('${T_BENCH_TASK_LOGS_PATH}', './data').replace('${T_BENCH_CONTAINER_LOGS_PATH}', '/d'),
    ],
    ['uses privileged', `${compose}    privileged: true\n`],
    ['2 services', `${compose}  db:\n    image: postgres\n`],
    ['starts a command', compose.replace('sleep infinity', 'nginx && sleep infinity')],
    ['only its own harness', compose.replace('dockerfile: Dockerfile', 'context: ${T_BENCH_REPO_ROOT}')],
    ['build arguments', compose.replace('dockerfile: Dockerfile', 'args: { A: "1" }')],
  ])('is refused when its compose file %s', async (reason, text) => {
    await scratch.write({ ...folder, 'old/docker-compose.yaml': text });
    const task = await loadTask(path.join(scratch.dir, 'old'));
    expect(task.refusals.join()).toContain(reason);
  });

  test.each([
    ['task.yaml: instruction', { 'old/task.yaml': 'difficulty: easy\n' }],
    ['task.yaml:2:', { 'old/task.yaml': 'a: [\n' }],
    ['which does not exist', { 'old/docker-compose.yaml': 'services:\n  client:\n    build: ./nowhere\n' }],
    ['leaves the task', { 'old/docker-compose.yaml': 'services:\n  client:\n    build: ../..\n' }],
  ])('is refused for bad content: %s', async (message, files) => {
    await scratch.write({ ...folder, ...files });
    await expect(loadTask(path.join(scratch.dir, 'old'))).rejects.toThrow(message);
  });

  test('says what it cannot do: a keystroke solution, another parser, the same shell', async () => {
    const { 'old/solution.sh': _solution, ...rest } = folder;
    await scratch.write({
      ...rest,
      'old/solution.yaml': '- keys: x\n',
      'old/task.yaml':
        'instruction: x\nparser_name: swebench\nrun_tests_in_same_shell: true\nmax_timeout: 3\n',
    });
    const task = await loadTask(path.join(scratch.dir, 'old'));
    expect(task.solution.dir).toBeNull();
    expect(task.warnings.map((line) => line.split(': ')[1])).toEqual([
      'unknown key max_timeout',
      'a keystroke script, which the oracle cannot replay',
      'parser_name "swebench" is not read; without a pytest report the exit code decides',
      'run_tests_in_same_shell',
    ]);
  });
});

describe('the script that stands for test.sh', () => {
  const passedReport = `test_a.py::test_x PASSED [ 50%]
=========================== short test summary info ============================
PASSED test_a.py::test_x
PASSED test_a.py::test_y
============================== 2 passed in 0.12s ===============================`;

  test.each([
    ['1', 'every test passed', `cat <<'X'\n${passedReport}\nX`],
    ['1', 'every test passed though a later command failed', `cat <<'X'\n${passedReport}\nX\nfalse`],
    [
      '0',
      'one failed though a later command succeeded',
      `cat <<'X'\n${passedReport.replace('PASSED test_a.py::test_y', 'FAILED test_a.py::test_y')}\nX\ntrue`,
    ],
    ['0', 'the counts name an error', `echo '=== 1 passed, 1 error in 0.1s ==='`],
    ['1', 'the counts name passes only', `echo '2 passed, 1 warning in 12.34s'`],
    ['0', 'nothing was collected', `echo '=== no tests ran in 0.01s ==='; exit 5`],
    ['1', 'without a report the exit code is 0', 'true'],
    ['0', 'without a report the exit code is 3', 'exit 3'],
    ['0', 'there is no such program', 'pytest-which-does-not-exist'],
    ['1', 'the tests dir is handed in', 'test -d "$TEST_DIR"'],
    ['1', 'the text quotes shell syntax', `x='$(false) \`false\` \\'; test "$x" = '$(false) \`false\` \\'`],
  ])('gives %s when %s', async (reward, _when, runTests) => {
    await scratch.write({ 'tests/x': '' });
    const script = runTestsScript(runTests)
      .replaceAll('/logs/verifier', path.join(scratch.dir, 'logs'))
      .replaceAll('/tests', path.join(scratch.dir, 'tests'));
    await scratch.write({ 'test.sh': script });
    execFileSync('bash', [path.join(scratch.dir, 'test.sh')], { stdio: 'pipe' });
    expect(await readFile(path.join(scratch.dir, 'logs/reward.txt'), 'utf8')).toBe(`${reward}\n`);
  });
});
