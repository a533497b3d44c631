import path from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../doubles/task-folder.js';
import { runCli } from './cli.js';
import { baseImage } from './engine.js';

interface Checks {
  readonly datasets: readonly {
    readonly findings: readonly { task: string; level: string; text: string }[];
  }[];
}

const wantsDone = 'if [ -f /srv/done ]; then echo 1; else echo 0; fi > /logs/verifier/reward.txt\n';

function prebuilt(name: string, tests: string, solution: string | null): Record<string, string> {
  const toml = `schema_version = "1.4"\n[agent]\ntimeout_sec = 60\n[environment]\ndocker_image = "${baseImage}"\n`;
  return {
    [`${name}/task.toml`]: toml,
    [`${name}/instruction.md`]: 'Create the file /srv/done.\n',
    [`${name}/tests/test.sh`]: tests,
    ...(solution === null ? {} : { [`${name}/solution/solve.sh`]: solution }),
  };
}

/** An old task: built from its own folder, tests beside it, the agent's work in the image's WORKDIR. */
const oldTask = {
  'old/task.yaml': 'instruction: Create done.\nmax_agent_timeout_sec: 60\nparser_name: pytest\n',
  'old/docker-compose.yaml':
    'services:\n  client:\n    build:\n      dockerfile: Dockerfile\n    image: ${T_BENCH_TASK_DOCKER_CLIENT_IMAGE_NAME}\n    command: ["sh", "-c", "sleep infinity"]\n    environment: ["TEST_DIR=${T_BENCH_TEST_DIR}", "MODE=old"]\n',
  'old/Dockerfile': `FROM ${baseImage}\nWORKDIR /srv\n`,
  'old/run-tests.sh':
    'echo "== short test summary info =="\nif [ -f done ] && [ -f $TEST_DIR/data.txt ] && [ "$MODE" = old ]; then echo "PASSED test_a"; else echo "FAILED test_a"; fi\n',
  'old/solution.sh': 'touch done\n',
  'old/tests/data.txt': 'x',
};

/** A solution of a user that is not root writes where upstream has folders from the start; it may fail and still earn 1. */
const userTask = {
  ...prebuilt(
    'user',
    'if [ -f /tmp/done ]; then echo 1; else echo 0; fi > /logs/verifier/reward.txt\n',
    'cd /logs/verifier && touch mine && cd /logs/agent && touch /logs/agent/mine && touch /logs/artifacts/mine && touch /tmp/done\nexit 3\n',
  ),
  'user/task.toml': `schema_version = "1.4"\n[agent]\ntimeout_sec = 60\nuser = "nobody"\n[environment]\ndocker_image = "${baseImage}"\n`,
};

test('tasks check --oracle tells a solution that fails from none, and a task that rewards nothing', async () => {
  await using scratch = await scratchFolder();
  await scratch.write({
    ...prebuilt('good', wantsDone, 'touch /srv/done\n'),
    ...prebuilt('fails', wantsDone, 'true\n'),
    ...prebuilt('unsolved', wantsDone, null),
    ...prebuilt('free', 'echo 1 > /logs/verifier/reward.txt\n', 'true\n'),
    ...userTask,
    ...oldTask,
  });
  const results = path.join(scratch.dir, 'results');
  const { code, stdout } = await runCli([
    ...['tasks', 'check', scratch.dir, '--oracle', '--results', results, '--pull', 'never', '--json'],
  ]);
  expect(code).toBe(1);
  const findings = (JSON.parse(stdout) as Checks).datasets[0]?.findings ?? [];
  const lines = findings.map(({ task, level, text }) => `${level} ${task}: ${text}`).sort();
  expect(lines).toEqual([
    'error fails: the solution fails: reward 0',
    'error free: doing nothing earns 1',
    expect.stringContaining(
      'note : 4 of 5 solutions earn 1; doing nothing earns 0 on 5 of 6 tasks; 1 ship no solution',
    ),
    'note unsolved: ships no solution',
  ]);
});
