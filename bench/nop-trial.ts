import { randomUUID } from 'node:crypto';
import type Docker from 'dockerode';
import { createNop } from '../src/agent/nop.js';
import type { Task } from '../src/dataset/task.js';
import { readStoredEvidence } from '../src/record/evidence/evidence.js';
import { openTrialStore, writeTrialResult } from '../src/results/trial-store.js';
import type { ContainerEngine } from '../src/sandbox/container-engine.js';
import { runTrial } from '../src/trial/run-trial.js';
import type { TrialSettings } from '../src/trial/trial.js';
import { createVerifier } from '../src/verifier/create-verifier.js';
import { plainSettings } from '../test/doubles/trial-bench.js';
import { benchImage } from './sandboxes.js';

const settings: TrialSettings = {
  ...plainSettings,
  outputLimits: { head: 5_000, tail: 5_000 },
  version: 'bench',
};

/** A whole nop trial with its record. Returns how long the tests themselves ran, in ms: from when they could start until the engine said that they had ended. */
export async function nopTrial(
  engine: ContainerEngine,
  task: Task,
  place: { readonly dir: string; readonly round: number },
): Promise<number> {
  const name = `${task.name}__${place.round + 1}`;
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

export async function bareContainer(docker: Docker): Promise<void> {
  const container = await docker.createContainer({
    Image: benchImage,
    Cmd: ['sleep', 'infinity'],
    HostConfig: { NetworkMode: 'none', LogConfig: { Type: 'none', Config: {} } },
  });
  await container.start();
  await container.remove({ force: true });
}

/** Removal goes on behind the trial's back: it must not slow down what is measured next. */
export async function allRemoved(docker: Docker): Promise<void> {
  const filters = { label: ['tbench.job=bench'] };
  while ((await docker.listContainers({ all: true, filters })).length > 0)
    await new Promise((resolve) => setTimeout(resolve, 5));
}

export async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
