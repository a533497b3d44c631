import { randomUUID } from 'node:crypto';
import Docker from 'dockerode';
import { createNop } from '../src/agent/nop.js';
import { loadTask } from '../src/dataset/load-task.js';
import type { Task } from '../src/dataset/task.js';
import { openTrialStore, writeTrialResult } from '../src/results/trial-store.js';
import type { ContainerEngine } from '../src/sandbox/container-engine.js';
import { openContainerEngine } from '../src/sandbox/open-engine.js';
import { runTrial } from '../src/trial/run-trial.js';
import type { TrialSettings } from '../src/trial/trial.js';
import { readStoredEvidence } from '../src/record/evidence/evidence.js';
import { createVerifier } from '../src/verifier/create-verifier.js';
import { harborTask, scratchFolder } from '../test/doubles/task-folder.js';
import { figure, type Figure } from './figure.js';
import { benchImage, socketPathOf } from './sandboxes.js';

const rounds = 15;
const toml = `schema_version = "1.1"\n[environment]\ndocker_image = "${benchImage}"\nallow_internet = false\n`;
const verifier = { retries: 0, negativeControl: 'off', isolated: 'off', rewardPrecedence: 'json' } as const;
const settings: TrialSettings = {
  timeoutMultiplier: 1,
  clock: 'wall',
  pull: 'never',
  forceBuild: false,
  keepSandboxes: false,
  blockPrivate: false,
  hostEnv: {},
  shellEnv: {},
  outputLimits: { head: 5_000, tail: 5_000 },
  verifier,
  model: null,
  version: 'bench',
};

/**
 * A whole nop trial (sandbox, baseline, a trivial test with every check, record on disk, removal) against what its
 * container alone costs: create, start and remove through the engine's API, alternating.
 */
export async function trial(): Promise<readonly Figure[]> {
  await using engine = await openContainerEngine({ env: process.env });
  await using folder = await scratchFolder();
  await folder.write(harborTask('bench', toml));
  const task = await loadTask(`${folder.dir}/bench`);
  const docker = new Docker({ socketPath: socketPathOf(engine) });
  const samples = {
    trial: [] as number[],
    harness: [] as number[],
    removed: [] as number[],
    container: [] as number[],
  };
  for (let round = 0; round < rounds; round += 1) {
    samples.container.push(await timeOf(() => bareContainer(docker)));
    const startedAt = performance.now();
    const testsMs = await nopTrial(engine, task, { dir: folder.dir, round });
    samples.trial.push(performance.now() - startedAt);
    samples.harness.push(performance.now() - startedAt - testsMs);
    await allRemoved(docker);
    samples.removed.push(performance.now() - startedAt);
  }
  const own = samples.trial.map((ms, index) => ms - (samples.container[index] ?? 0));
  return [
    figure('nop trial', 'ms', samples.trial, { 'create + start + remove': samples.container }),
    figure('nop trial without the time of its tests', 'ms', samples.harness, {
      'create + start + remove': samples.container,
    }),
    figure('nop trial until its container is gone', 'ms', samples.removed, {
      'create + start + remove': samples.container,
    }),
    figure('nop trial, beyond its container', 'ms', own, { 'create + start + remove': samples.container }),
  ];
}

/** Returns how long the tests themselves ran, in ms: from when they could start until the engine said that they had ended. */
async function nopTrial(
  engine: ContainerEngine,
  task: Task,
  place: { readonly dir: string; readonly round: number },
): Promise<number> {
  const name = `bench__${place.round + 1}`;
  const jobDir = `${place.dir}/job`;
  const redact = (text: string): string => text;
  const store = await openTrialStore(jobDir, name, { tries: 1, redact });
  const source = { dataset: 'bench', origin: null, digest: 'sha256:0', checksum: '0' };
  const spec = { name, task, attempt: place.round + 1, job: { id: randomUUID(), name: 'bench' }, source };
  const tools = {
    engine,
    agent: createNop('bench'),
    verifier: createVerifier(),
    emit: () => undefined,
    hold: () => Promise.resolve(),
  };
  const { result, failure } = await runTrial(
    { ...tools, spec, settings, store },
    new AbortController().signal,
  );
  if (failure !== null) throw new Error(`the nop trial failed: ${failure.exception.exception_message}`);
  await writeTrialResult(jobDir, result, redact);
  return readStoredEvidence(result.integrity?.evidence).tests_ms ?? 0;
}

async function bareContainer(docker: Docker): Promise<void> {
  const container = await docker.createContainer({
    Image: benchImage,
    Cmd: ['sleep', 'infinity'],
    HostConfig: { NetworkMode: 'none', LogConfig: { Type: 'none', Config: {} } },
  });
  await container.start();
  await container.remove({ force: true });
}

/** Removal goes on behind the trial's back: it must not slow down what is measured next. */
async function allRemoved(docker: Docker): Promise<void> {
  const filters = { label: ['tbench.job=bench'] };
  while ((await docker.listContainers({ all: true, filters })).length > 0)
    await new Promise((resolve) => setTimeout(resolve, 5));
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
