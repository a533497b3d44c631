import { describe, expect, it } from 'vitest';
import { MemorySandbox } from '../../../test/doubles/memory-sandbox.js';
import { OneSandboxEngine } from '../../../test/doubles/trial-bench.js';
import type { Environment } from '../../sandbox/environment.js';
import { openFreshEnvironment } from './fresh-environment.js';

const { signal } = new AbortController();

function setting(): { engine: OneSandboxEngine; first: Environment; removed: string[] } {
  const engine = new OneSandboxEngine(new MemorySandbox());
  const removed: string[] = [];
  engine.removeImage = (...[reference]: string[]) => Promise.resolve(void removed.push(reference ?? ''));
  const main = new MemorySandbox({ workdir: '/app' });
  const first = {
    main,
    sandboxes: new Map([['main', main]]),
    warnings: [],
    network: null,
    services: () => Promise.resolve([]),
    end: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return { engine, first, removed };
}

describe('openFreshEnvironment', () => {
  it('has the limits of the first, from its frozen files, and takes the image with it', async () => {
    const { engine, first, removed } = setting();
    const fresh = await openFreshEnvironment(engine, first, signal);
    expect(engine.specs).toMatchObject([
      { cpus: 1, pidsLimit: 100, network: 'none', workdir: '/app', owner: { trial: 'memory' } },
    ]);
    expect(removed).toEqual([]);
    await fresh[Symbol.asyncDispose]();
    expect(removed).toEqual([engine.specs[0]?.image.reference]);
  });

  it('removes the image also when no environment comes of it', async () => {
    const { engine, first, removed } = setting();
    engine.createSandbox = () => Promise.reject(new Error('full'));
    await expect(openFreshEnvironment(engine, first, signal)).rejects.toThrow('full');
    expect(removed).toHaveLength(1);
  });
});
