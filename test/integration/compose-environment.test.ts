import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { scratchFolder, type ScratchFolder } from '../doubles/task-folder.js';
import { runCli, startCli } from './cli.js';
import { baseImage, openTestEngine } from './engine.js';

let scratch: ScratchFolder;
beforeEach(async () => void (scratch = await scratchFolder()));
afterEach(() => scratch[Symbol.asyncDispose]());

const toml = `[environment]\nmemory_mb = 256\n[agent]\ntimeout_sec = 60\n[verifier]\ntimeout_sec = 60\n`;

function composeTask(name: string, compose: string, files: Record<string, string>): Record<string, string> {
  const all = {
    'task.toml': toml,
    'instruction.md': 'Do it.\n',
    'environment/Dockerfile': `FROM ${baseImage}\nWORKDIR /app\n`,
    'environment/docker-compose.yaml': compose,
    'solution/solve.sh': 'true\n',
    ...files,
  };
  return Object.fromEntries(Object.entries(all).map(([file, text]) => [`set/${name}/${file}`, text]));
}

function args(job: string): string[] {
  const set = path.join(scratch.dir, 'set');
  const where = ['--results', path.join(scratch.dir, 'results'), '--job', job];
  return ['run', '--dataset', set, '--agent', 'oracle', '--attempts', '1', '--pull', 'never', ...where];
}

const passIf = (condition: string): string =>
  `if ${condition}; then echo 1; else echo 0; fi > /logs/verifier/reward.txt\n`;

async function resultOf(job: string, trial: string): Promise<string> {
  return readFile(path.join(scratch.dir, 'results', job, `${trial}__1`, 'result.json'), 'utf8');
}

async function left(kind: 'ps' | 'network' | 'volume', label: string): Promise<string> {
  const list = kind === 'ps' ? ['ps', '-a'] : [kind, 'ls'];
  return (await promisify(execFile)('podman', [...list, '-q', '--filter', `label=${label}`])).stdout;
}

test('services start in the order of their gates, find each other by name and alias, and leave nothing', async () => {
  const compose = `
services:
  main:
    environment: { WHO: "\${GREETING:-nobody}" }
    depends_on: { seed: { condition: service_completed_successfully }, db: { condition: service_healthy } }
    volumes: ["shared:/shared:ro"]
    networks: [front]
  db:
    image: ${baseImage}
    command: sh -c "sleep 1; touch /tmp/ready; sleep 1000"
    healthcheck: { test: [CMD-SHELL, "test -e /tmp/ready"], interval: 1s, retries: 10 }
    networks: { front: { aliases: [database] }, back: {} }
    secrets: [token]
  seed:
    image: ${baseImage}
    depends_on: [db]
    volumes: ["shared:/data", "./conf:/conf:ro"]
    command: ["sh", "-c", "getent hosts db && cp /conf/word /data/word"]
    networks: [back]
volumes: { shared: {} }
networks: { front: {}, back: { internal: true } }
secrets: { token: { file: ./token.txt } }
`;
  const test_ = passIf(
    '[ "$(cat /shared/word)" = hi ] && getent hosts database >/dev/null && ! touch /shared/x 2>/dev/null && [ -s /tmp/snap ]',
  );
  const hooks = `${toml}[[verifier.collect]]\nservice = "db"\ncommand = "cat /run/secrets/token > /tmp/kept"\n`;
  await scratch.write(
    composeTask('gates', compose, {
      'task.toml': `artifacts = [{ source = "/tmp/kept", service = "db" }]\n${hooks}`,
      'environment/conf/word': 'hi\n',
      'environment/token.txt': 'secret\n',
      'solution/solve.sh': 'getent hosts db > /tmp/snap\n',
      'tests/test.sh': test_,
    }),
  );
  const { stderr } = await runCli(args('gates'));
  expect(stderr).toContain('reward 1');
  const kept = path.join(scratch.dir, 'results/gates/gates__1');
  expect(await readFile(path.join(kept, 'artifacts/tmp/kept'), 'utf8')).toBe('secret\n');
  expect(await readFile(path.join(kept, 'services/seed.log'), 'utf8')).toContain('db');
  const label = 'tbench.trial=gates__1';
  expect([await left('ps', label), await left('network', label), await left('volume', label)]).toEqual([
    '',
    '',
    '',
  ]);
}, 120_000);

test('a service that floods its log and never gets healthy is the fault of the task, with the end of its log', async () => {
  const compose = `
services:
  main: { depends_on: { sick: { condition: service_healthy } } }
  sick:
    image: ${baseImage}
    command: sh -c "yes flood | head -c 6000000; touch /tmp/flooded; exec yes flood"
    healthcheck:
      test: 'until [ -e /tmp/flooded ]; do sleep 0.1; done; false'
      interval: 200ms
      timeout: 60s
      retries: 2
`;
  await scratch.write(composeTask('sick', compose, { 'tests/test.sh': passIf('true') }));
  const { stderr } = await runCli(args('sick'));
  expect(stderr).toContain('service sick');
  const result = await resultOf('sick', 'sick');
  expect(result).toMatch(/service sick is not healthy[^]*its log ends: [^]*flood/);
  expect(result).toContain('"blame": "task"');
  expect(result.length).toBeLessThan(40_000);
}, 120_000);

test('what kill -9 leaves of an environment the next run removes', async () => {
  const compose = `
services:
  main: { depends_on: [side], volumes: ["v:/v"] }
  side: { image: ${baseImage}, command: sleep infinity }
volumes: { v: }
`;
  const task = composeTask('killed', compose, {
    'tests/test.sh': passIf('true'),
    'solution/solve.sh': 'sleep 60\n',
  });
  await scratch.write(task);
  const label = 'tbench.job=killed';
  const running = startCli(args('killed'));
  for (let left_ = 240; left_ > 0 && (await left('ps', label)).split('\n').length < 3; left_ -= 1)
    await new Promise((resolve) => setTimeout(resolve, 250));
  running.process.kill('SIGKILL');
  await running.ended;
  expect(await left('network', label)).not.toBe('');
  await using engine = await openTestEngine();
  await engine.sweep();
  expect([await left('ps', label), await left('network', label), await left('volume', label)]).toEqual([
    '',
    '',
    '',
  ]);
}, 120_000);
