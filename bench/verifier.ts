import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadTask } from '../src/dataset/load-task.js';
import type { Task } from '../src/dataset/task.js';
import type { ContainerEngine } from '../src/sandbox/container-engine.js';
import { openContainerEngine } from '../src/sandbox/open-engine.js';
import type { Environment } from '../src/sandbox/environment.js';
import type { Sandbox } from '../src/sandbox/sandbox.js';
import { createVerifier } from '../src/verifier/create-verifier.js';
import type { VerifierOptions } from '../src/verifier/verifier.js';
import { harborTask, scratchFolder } from '../test/doubles/task-folder.js';
import { figure, type Figure } from './figure.js';
import { benchSpec, ensureBenchImage } from './sandboxes.js';

const rounds = 12;
const options: VerifierOptions = {
  retries: 0,
  negativeControl: 'off',
  isolated: 'off',
  rewardPrecedence: 'json',
  timeoutMs: 60_000,
};

/**
 * What trust costs: a verification with all checks against upload, run and read and nothing else, alternating.
 */
export async function verifierChecks(): Promise<readonly Figure[]> {
  await using engine = await openContainerEngine({ env: process.env });
  await using folder = await scratchFolder();
  await folder.write(harborTask('bench'));
  const task = await loadTask(join(folder.dir, 'bench'));
  const image = await ensureBenchImage(engine);
  const samples = { checked: [] as number[], plain: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    const { network, owner, ...main } = benchSpec(image, 'checked', { cpus: 1 });
    await using environment = await engine.createEnvironment({ network, owner, main });
    samples.checked.push(await checkedRun(engine, environment, task));
    await using other = await engine.createSandbox(benchSpec(image, 'plain', { cpus: 1 }));
    samples.plain.push(await timeOf(() => plainRun(other)));
  }
  const added = samples.checked.map((ms, index) => ms - (samples.plain[index] ?? 0));
  return [
    figure('verification with all checks', 'ms', samples.checked, { 'upload, run and read': samples.plain }),
    figure('added by the checks', 'ms', added),
  ];
}

async function checkedRun(engine: ContainerEngine, environment: Environment, task: Task): Promise<number> {
  const verifier = createVerifier();
  const { signal } = new AbortController();
  const outDir = await mkdtemp(join(tmpdir(), 'tbench-bench-'));
  try {
    return await timeOf(async () => {
      const initial = await verifier.before(environment.main, task, signal);
      const { killed } = await environment.main.endShell();
      const agent = { killed, commands: [], redact: (text: string) => text } as const;
      const found = await verifier.verify({
        environment,
        engine,
        task,
        initial,
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

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
