import { describe, expect, it } from 'vitest';
import { MemorySandbox } from '../../../test/doubles/memory-sandbox.js';
import { OneSandboxEngine, openTrialBench } from '../../../test/doubles/trial-bench.js';
import type { ContainerEngine } from '../../sandbox/container-engine.js';
import { ensureImage } from './ensure-image.js';
import { keepOrRemove, startEnvironment } from './start-environment.js';

const { signal } = new AbortController();

describe('ensureImage', () => {
  it('passes the scaled build limit and every line of progress on', async () => {
    const engine: ContainerEngine = new OneSandboxEngine(new MemorySandbox());
    const limits: number[] = [];
    engine.ensureImage = (source, options) => {
      limits.push(source.buildTimeoutMs);
      options.onProgress?.('step 1');
      return Promise.resolve({ reference: 'image', id: 'sha256:1', digest: null });
    };
    await using bench = await openTrialBench({ engine, settings: { timeoutMultiplier: 2 } });
    const { image } = await ensureImage(bench.started, signal);
    expect(image.id).toBe('sha256:1');
    expect(bench.events).toEqual([{ kind: 'trial-detail', trial: 'task__1', text: 'step 1' }]);
    const { buildTimeoutMs } = bench.trial.spec.task.environment;
    expect(limits).toEqual([2 * buildTimeoutMs]);
  });
});

describe('startEnvironment', () => {
  it("asks for the task's limits, its environment with the host's values, and an owner that can be found", async () => {
    const engine = new OneSandboxEngine(new MemorySandbox());
    await using bench = await openTrialBench({
      engine,
      toml: 'allow_internet = false\ncpus = 2\n[environment.env]\nKEY = "${FROM_HOST}"\n',
      settings: { hostEnv: { FROM_HOST: 'value' }, keepSandboxes: true },
    });
    await startEnvironment(bench.started, signal);
    expect(engine.specs).toMatchObject([
      {
        cpus: 2,
        network: 'none',
        env: { KEY: 'value' },
        owner: { job: 'job', trial: 'task__1', task: 'task', keep: true },
      },
    ]);
  });
});

describe('keepOrRemove', () => {
  it.each([
    [false, 1, []],
    [true, 0, [{ kind: 'trial-note', trial: 'task__1', text: 'sandbox kept: memory' }]],
  ])('keeps the sandboxes: %s', async (keepSandboxes, disposals, events) => {
    let disposed = 0;
    const sandbox = new MemorySandbox();
    sandbox[Symbol.asyncDispose] = () => Promise.resolve(void (disposed += 1));
    await using bench = await openTrialBench({ sandbox, settings: { keepSandboxes } });
    await keepOrRemove(bench.started)[Symbol.asyncDispose]();
    expect(disposed).toBe(disposals);
    expect(bench.events).toEqual(events);
  });
});
