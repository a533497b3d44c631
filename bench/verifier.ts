import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadTask } from '../src/dataset/load-task.js';
import type { Task } from '../src/dataset/task.js';
import type { ContainerEngine, Image } from '../src/sandbox/container-engine.js';
import { findEngine } from '../src/sandbox/find-engine.js';
import type { Sandbox } from '../src/sandbox/sandbox.js';
import { createVerifier } from '../src/verifier/create-verifier.js';
import type { VerifierOptions } from '../src/verifier/verifier.js';
import { harborTask, scratchFolder } from '../test/doubles/task-folder.js';
import { socketPathOf } from './sandboxes.js';
import { figure, type Figure } from './figure.js';

const reference = 'docker.io/library/debian:bookworm-slim';
const rounds = 12;
const run = promisify(execFile);
const options: VerifierOptions = {
  retries: 0,
  negativeControl: 'off',
  isolated: 'off',
  rewardPrecedence: 'json',
  timeoutMs: 60_000,
};

/**
 * What trust costs: a verification with all checks against upload, run and read and nothing else, alternating; and
 * a whole nop trial (create, verify, remove) against a container started and removed by hand.
 */
export async function verifierChecks(): Promise<readonly Figure[]> {
  await using engine = await findEngine({ env: process.env });
  await using folder = await scratchFolder();
  await folder.write(harborTask('bench'));
  const task = await loadTask(join(folder.dir, 'bench'));
  const source = { reference, buildContext: null, dockerfile: 'Dockerfile', buildTimeoutMs: 1 };
  const image = await engine.ensureImage(source, { pull: 'never', forceBuild: false });
  const samples = {
    checked: [] as number[],
    plain: [] as number[],
    trial: [] as number[],
    bare: [] as number[],
  };
  for (let round = 0; round < rounds; round += 1) {
    const startedAt = performance.now();
    const sandbox = await open(engine, image);
    samples.checked.push(await checkedRun(engine, sandbox, task));
    await sandbox[Symbol.asyncDispose]();
    samples.trial.push(performance.now() - startedAt);
    await using other = await open(engine, image);
    samples.plain.push(await timeOf(() => plainRun(other)));
    samples.bare.push(await timeOf(() => bareContainer(engine)));
  }
  const added = samples.checked.map((ms, index) => ms - (samples.plain[index] ?? 0));
  return [
    figure('verification with all checks', 'ms', samples.checked, { 'upload, run and read': samples.plain }),
    figure('added by the checks', 'ms', added),
    figure('nop trial, create to remove', 'ms', samples.trial, { 'podman run -d + rm -f': samples.bare }),
  ];
}

function open(engine: ContainerEngine, image: Image): Promise<Sandbox> {
  const owner = { job: 'bench', trial: randomUUID().slice(0, 8), task: 'bench' };
  const limits = { cpus: 1, memoryBytes: 256 * 2 ** 20, pidsLimit: 256 };
  return engine.createSandbox({
    image,
    ...limits,
    network: 'none',
    env: {},
    workdir: null,
    user: null,
    owner,
  });
}

async function checkedRun(engine: ContainerEngine, sandbox: Sandbox, task: Task): Promise<number> {
  const verifier = createVerifier();
  const { signal } = new AbortController();
  const outDir = await mkdtemp(join(tmpdir(), 'tbench-bench-'));
  try {
    return await timeOf(async () => {
      const baseline = await verifier.before(sandbox, task, signal);
      const { killed } = await sandbox.endShell();
      const agent = { ending: 'finished', killed, commands: [], redact: (text: string) => text } as const;
      const found = await verifier.verify({
        sandbox,
        engine,
        task,
        baseline,
        ...agent,
        outDir,
        options,
        signal,
      });
      if (found.verdict !== 'clean') throw new Error(`the bench task came out ${found.verdict}`);
    });
  } finally {
    await rm(outDir, { recursive: true, force: true });
  }
}

/** What any harness must do: tests in, run, reward out. */
async function plainRun(sandbox: Sandbox): Promise<void> {
  const content = Buffer.from('echo 1 > /logs/verifier/reward.txt\n');
  await sandbox.upload('/logs/verifier', []);
  await sandbox.upload('/tests', [{ path: 'test.sh', content, mode: 0o755 }]);
  await sandbox.exec(['/bin/bash', '/tests/test.sh'], { timeoutMs: 60_000 });
  await sandbox.readFile('/logs/verifier/reward.txt', 1_000);
}

async function bareContainer(engine: ContainerEngine): Promise<void> {
  const url = `unix://${socketPathOf(engine)}`;
  const name = `tbench-bench-${randomUUID().slice(0, 8)}`;
  const flags = ['--network', 'none', '--memory', '256m', '--log-driver', 'none'];
  await run('podman', ['--url', url, 'run', '-d', '--name', name, ...flags, reference, 'sleep', 'infinity']);
  await run('podman', ['--url', url, 'rm', '-f', '-t', '0', name]);
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
