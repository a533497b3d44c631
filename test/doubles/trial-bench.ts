import { join } from 'node:path';
import type { Agent } from '../../src/agent/agent.js';
import { loadTask } from '../../src/dataset/load-task.js';
import type { Task } from '../../src/dataset/task.js';
import type { TrialEvent } from '../../src/record/event.js';
import { openTrialStore } from '../../src/results/trial-store.js';
import type { ContainerEngine } from '../../src/sandbox/container-engine.js';
import { singleEnvironment } from '../../src/sandbox/environment.js';
import type { Sandbox, SandboxSpec } from '../../src/sandbox/sandbox.js';
import { fetchVerifierImages } from '../../src/trial/verifier-images.js';
import { staySo } from '../../src/trial/steps/hand-over.js';
import {
  begin,
  type Acted,
  type Left,
  type Observed,
  type Placed,
  type Started,
} from '../../src/trial/trial-state.js';
import type { Trial, TrialSettings } from '../../src/trial/trial.js';
import type { Verifier } from '../../src/verifier/verifier.js';
import { noTotals } from '../../src/agent/agent.js';
import { MemorySandbox } from './memory-sandbox.js';
import { harborTask, scratchFolder } from './task-folder.js';
import { agentOf, CountingEngine, verifierOf } from './trial-tools.js';

/** What one trial in memory is made of; what is left out is small and quick. */
export interface TrialParts {
  readonly toml?: string;
  readonly task?: (task: Task) => Task;
  readonly sandbox?: Sandbox;
  readonly engine?: ContainerEngine;
  readonly agent?: Agent;
  readonly verifier?: Verifier;
  readonly settings?: Partial<TrialSettings>;
}

/** A trial and the states between its steps, in a folder that goes with it. */
export interface TrialBench extends AsyncDisposable {
  readonly trial: Trial;
  readonly events: TrialEvent[];
  readonly started: Started;
  readonly observed: Observed;
  readonly acted: Acted;
  readonly left: Left;
  readonly placed: Placed;
}

/** An engine whose sandboxes are all the same one. */
export class OneSandboxEngine extends CountingEngine {
  readonly specs: SandboxSpec[] = [];
  constructor(private readonly sandbox: Sandbox) {
    super();
  }

  override createSandbox(spec: SandboxSpec): Promise<Sandbox> {
    this.specs.push(spec);
    return Promise.resolve(this.sandbox);
  }
}

/** Nothing beside the task and its tests. */
export const plainSettings: TrialSettings = {
  timeoutMultiplier: 1,
  clock: 'wall',
  pull: 'never',
  forceBuild: false,
  keepSandboxes: false,
  keepFinal: false,
  blockPrivate: false,
  hostEnv: {},
  shellEnv: {},
  outputLimits: { head: 10, tail: 10 },
  verifier: { retries: 0, negativeControl: 'off', isolated: 'off', rewardPrecedence: 'json' },
  model: null,
  version: '0',
};

export async function openTrialBench(parts: TrialParts = {}): Promise<TrialBench> {
  const folder = await scratchFolder();
  const toml = `schema_version = "1.1"\n[environment]\ndocker_image = "image"\n${parts.toml ?? ''}`;
  await folder.write(harborTask('task', toml));
  const loaded = await loadTask(join(folder.dir, 'task'));
  const task = parts.task?.(loaded) ?? loaded;
  const main = parts.sandbox ?? new MemorySandbox({ workdir: '/app' });
  const events: TrialEvent[] = [];
  const trial: Trial = {
    spec: {
      name: 'task__1',
      task,
      attempt: 1,
      job: { id: 'id', name: 'job' },
      source: { dataset: 'set', origin: null, digest: 'sha256:0', checksum: '0' },
    },
    settings: { ...plainSettings, ...parts.settings },
    engine: parts.engine ?? new OneSandboxEngine(main),
    agent: parts.agent ?? agentOf(() => 'submitted'),
    verifier: parts.verifier ?? verifierOf(1),
    store: await openTrialStore(join(folder.dir, 'job'), 'task__1', { tries: 1, redact: (text) => text }),
    emit: (event) => events.push(event),
    hold: () => null,
  };
  const environment = singleEnvironment(main);
  const image = { reference: 'image', id: 'sha256:0', digest: null };
  const verifierImages = fetchVerifierImages(trial, new AbortController().signal);
  const started: Started = {
    ...begin(trial),
    image,
    images: { main: image, services: new Map(), project: null, warnings: [] },
    environment,
    verifierImages,
  };
  const observed: Observed = { ...started, initial: { home: '/root', changedPaths: [] } };
  const outcome = { ending: 'submitted', detail: null, error: null, totals: noTotals } as const;
  const kept = { slotMs: 0, retryMs: 0, outageMs: 0, pauseMs: 0, silenceMs: 0, stuckMs: 0 };
  const clock = { elapsedMs: 1, wallMs: 1, workingMs: 1, ...kept };
  const acted: Acted = {
    ...observed,
    act: { outcome, clock, timeoutMs: null, resumed: [], commands: ['ls'] },
  };
  const left = { ...acted, killed: ['7 sleep'] };
  return {
    trial,
    events,
    started,
    observed,
    acted,
    left,
    placed: staySo({ ...left, artifacts: [] }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
