import { SandboxError } from '../../src/base/errors.js';
import { plainEvidence } from './evidence.js';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noTotals, type Agent, type AgentContext } from '../../src/agent/agent.js';
import { loadDataset } from '../../src/dataset/load-dataset.js';
import type { Dataset } from '../../src/dataset/task.js';
import type { JobRequest, JobTools } from '../../src/job/job.js';
import { localDispatcher } from '../../src/job/local-dispatcher.js';
import type { JobEvent } from '../../src/record/event.js';
import { runSpecSchema, type RunSpecInput } from '../../src/record/run-spec.js';
import type { Ending } from '../../src/record/ending.js';
import type { ContainerEngine } from '../../src/sandbox/container-engine.js';
import { singleEnvironment, type Environment, type EnvironmentSpec } from '../../src/sandbox/environment.js';
import type { Sandbox, SandboxSpec } from '../../src/sandbox/sandbox.js';
import type { Verification, Verifier } from '../../src/verifier/verifier.js';

/** An engine whose sandboxes do nothing but exist: for tests of what happens around a trial. */
export class CountingEngine implements ContainerEngine {
  created = 0;
  open = 0;
  mostOpen = 0;
  readonly info = {
    name: 'podman' as const,
    version: '0',
    socket: 'none',
    ownService: false,
    rootless: false,
    cpus: 2,
    memoryBytes: 2 ** 32,
    cgroupVersion: '2',
    runtime: 'none',
    storageDir: null,
  };

  ensureImage(): Promise<{ reference: string; id: string; digest: null }> {
    return Promise.resolve({ reference: 'image', id: 'sha256:0', digest: null });
  }

  adoptEnvironment(): Promise<Environment> {
    return Promise.reject(new SandboxError('nothing was left running'));
  }

  async createEnvironment({ main, network, owner }: EnvironmentSpec): Promise<Environment> {
    return singleEnvironment(await this.createSandbox({ ...main, network, owner }));
  }

  createSandbox(spec: SandboxSpec): Promise<Sandbox> {
    this.created += 1;
    this.open += 1;
    this.mostOpen = Math.max(this.mostOpen, this.open);
    return Promise.resolve(idleSandbox(spec, () => (this.open -= 1)));
  }

  policyRefusal(): Promise<string | null> {
    return Promise.resolve('sandboxes that do nothing have no network');
  }

  imageBytes(): Promise<number> {
    return Promise.resolve(1_000_000_000);
  }

  removeImage(): Promise<void> {
    return Promise.resolve();
  }

  sweep(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

function idleSandbox(spec: SandboxSpec, onDispose: () => void): Sandbox {
  const refuse = (): never => {
    throw new Error('this sandbox runs nothing');
  };
  return {
    id: spec.owner.trial,
    image: spec.image,
    env: {},
    bashPath: '/bin/bash',
    user: 'root',
    workdir: '/app',
    mounts: [],
    open: refuse,
    limits: {
      cpus: 1,
      memoryBytes: 1,
      pids: 1,
      network: 'none',
      reach: 'none',
      capabilities: [],
      warnings: [],
    },
    run: refuse,
    exec: refuse,
    readFile: refuse,
    upload: () => Promise.resolve(),
    download: () => Promise.resolve(null),
    stat: () => Promise.resolve(null),
    remove: () => Promise.resolve(),
    changes: () => Promise.resolve([]),
    processes: () => Promise.resolve([]),
    vitals: () => Promise.resolve({ state: 'running', oomKills: 0, memoryPeakBytes: null, diskBytes: null }),
    send: () => Promise.resolve(),
    endShell: () => Promise.resolve({ killed: [] }),
    ready: () => Promise.resolve(),
    ticket: () => Promise.resolve(null),
    underWay: () => Promise.resolve(null),
    freshShell: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    end: () => {
      onDispose();
      return Promise.resolve();
    },
    snapshot: refuse,
    [Symbol.asyncDispose]: () => {
      onDispose();
      return Promise.resolve();
    },
  };
}

/** An agent that ends as the function says: an ending, or a thrown error. */
export function agentOf(act: (context: AgentContext) => Ending | Promise<Ending>): Agent {
  return {
    name: 'double',
    version: '0',
    run: async (context) => ({ ending: await act(context), detail: null, error: null, totals: noTotals }),
  };
}

/** A verifier that gives every trial the same verdict. */
export function verifierOf(reward: number): Verifier {
  const verification: Verification = {
    status: 'completed',
    verdict: 'clean',
    rewards: { reward },
    rewardText: String(reward),
    rawReward: reward,
    effectiveReward: reward,
    evidence: plainEvidence(reward),
    findings: [],
    failure: null,
  };
  return {
    before: () => Promise.resolve({ home: '/root', changedPaths: [] }),
    verify: () => Promise.resolve(verification),
  };
}

export interface JobBench extends AsyncDisposable {
  readonly dir: string;
  readonly dataset: Dataset;
  readonly engine: CountingEngine;
  readonly events: JobEvent[];
  /** `run` is given in the words of a run; what is left out is small and quick. */
  request(change?: Partial<Omit<JobRequest, 'run'>> & { readonly run?: Partial<RunSpecInput> }): JobRequest;
  tools(agent: Agent, verifier?: Verifier, engine?: ContainerEngine): JobTools;
}

/** A temporary folder with a dataset of `tasks` minimal tasks, and everything a job is run with. */
export async function openJobBench(tasks: number): Promise<JobBench> {
  const dir = await mkdtemp(join(tmpdir(), 'tbench-job-'));
  for (let index = 1; index <= tasks; index += 1) await writeTask(join(dir, 'tasks', `task-${index}`));
  const places = { cacheDir: join(dir, 'cache'), shippedDir: join(dir, 'none'), mirror: null, hostEnv: {} };
  const dataset = await loadDataset(join(dir, 'tasks'), { ...places, pull: 'never' });
  const counting = new CountingEngine();
  const events: JobEvent[] = [];
  return {
    dir,
    dataset,
    engine: counting,
    events,
    request: ({ run = {}, ...change } = {}) => ({
      name: 'job',
      dir: join(dir, 'results', 'job'),
      dataset,
      tasks: dataset.tasks,
      run: runSpecSchema.parse({ agent: { kind: 'nop' }, attempts: 2, concurrency: 2, retries: 1, ...run }),
      model: null,
      harness: null,
      version: '0',
      notes: {},
      ...change,
    }),
    tools: (agent, verifier = verifierOf(1), engine = counting) => {
      const settings = { hostEnv: {}, shellEnv: {}, outputLimits: { head: 10, tail: 10 }, version: '0' };
      const redact = (text: string): string => text;
      return {
        openDispatcher: localDispatcher({ engine, agent, verifier, redact, adopts: true, settings }),
        redact,
        sandboxDirs: [],
        host: { cpus: 2, memoryBytes: 2 ** 32 },
        emit: (event) => events.push(event),
      };
    },
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}

async function writeTask(dir: string): Promise<void> {
  await mkdir(join(dir, 'environment'), { recursive: true });
  await mkdir(join(dir, 'tests'));
  const toml = 'schema_version = "1.1"\n[environment]\ndocker_image = "image"\n[agent]\ntimeout_sec = 60.0\n';
  await writeFile(join(dir, 'task.toml'), toml);
  await writeFile(join(dir, 'instruction.md'), 'Do it.\n');
  await writeFile(join(dir, 'tests', 'test.sh'), 'echo 1 > /logs/verifier/reward.txt\n');
}
