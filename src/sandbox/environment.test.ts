import { describe, expect, it } from 'vitest';
import { MemorySandbox } from '../../test/doubles/memory-sandbox.js';
import { openEnvironment, type EnvironmentSpec, type MemberSpec } from './environment.js';
import type { Sandbox, SandboxSpec } from './sandbox.js';

const member = (workdir: string): MemberSpec => ({
  image: { reference: workdir, id: '' },
  cpus: null,
  memoryBytes: null,
  pidsLimit: null,
  env: {},
  workdir,
  user: null,
});
const owner = { job: 'job', trial: 'trial', task: 'task' };
const spec: EnvironmentSpec = {
  network: 'none',
  owner,
  sandboxes: { main: member('/main'), db: member('/db'), cache: member('/cache') },
};

/** Makes sandboxes in memory and writes down what happens to them. */
function maker(failOn?: string) {
  const log: string[] = [];
  const create = (wanted: SandboxSpec): Promise<Sandbox> => {
    const name = wanted.workdir ?? '';
    if (name === failOn) return Promise.reject(new Error(`cannot start ${name}`));
    log.push(`${name} ${wanted.network} ${wanted.owner.trial}`);
    const sandbox = new MemorySandbox({ workdir: name });
    sandbox[Symbol.asyncDispose] = () => Promise.resolve(void log.push(`${name} gone`));
    return Promise.resolve(sandbox);
  };
  return { log, create };
}

describe('openEnvironment', () => {
  it('starts main and then its sidecars, all on one network, and removes them together', async () => {
    const { log, create } = maker();
    const environment = await openEnvironment(spec, create);
    expect(environment.main.workdir).toBe('/main');
    expect([...environment.sandboxes.keys()]).toEqual(['main', 'db', 'cache']);
    await environment[Symbol.asyncDispose]();
    expect(log).toEqual([
      '/main none trial',
      '/db none trial',
      '/cache none trial',
      '/cache gone',
      '/db gone',
      '/main gone',
    ]);
  });

  it('leaves nothing behind when one cannot be started', async () => {
    const { log, create } = maker('/cache');
    await expect(openEnvironment(spec, create)).rejects.toThrow('cannot start /cache');
    expect(log.slice(2)).toEqual(['/db gone', '/main gone']);
  });
});
