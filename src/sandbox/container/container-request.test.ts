import { describe, expect, it } from 'vitest';
import { clampLimits, containerRequest } from './container-request.js';
import type { SandboxSpec } from '../sandbox.js';

const spec: SandboxSpec = {
  image: { reference: 'debian', id: 'sha256:abc' },
  cpus: 8,
  memoryBytes: 2 ** 31,
  pidsLimit: 100,
  network: 'none',
  env: { A: '1', B: 'x=y' },
  workdir: null,
  user: null,
  owner: { job: 'j', trial: 't', task: 'k' },
};
const host = { cpus: 2, memoryBytes: 2 ** 34 };

describe('clampLimits', () => {
  it('gives a task no more cpus than the host has, and says so', () => {
    const limits = clampLimits(spec, host);
    expect(limits.cpus).toBe(2);
    expect(limits.clamped).toEqual(['cpus: 8 wanted, the host has 2']);
  });

  it('passes on what fits, and no limit as no limit', () => {
    expect(clampLimits({ ...spec, cpus: 1.5 }, host)).toMatchObject({ cpus: 1.5, clamped: [] });
    expect(clampLimits({ ...spec, cpus: null, memoryBytes: null }, host)).toMatchObject({
      cpus: null,
      memoryBytes: null,
    });
  });

  it('warns of a memory limit beyond the host but leaves it', () => {
    const limits = clampLimits({ ...spec, cpus: 1, memoryBytes: 2 ** 35 }, host);
    expect(limits.memoryBytes).toBe(2 ** 35);
    expect(limits.clamped).toEqual(['memory: 32768 MiB wanted, the host has 16384 MiB']);
  });
});

describe('containerRequest', () => {
  const request = containerRequest(spec, ['/bin/sh', '-c', 'x'], { host, labels: { l: '1' } });

  it("puts PID 1 in the place of the image's entry point and keeps WORKDIR and USER", () => {
    expect(request.body).toMatchObject({ Entrypoint: ['/bin/sh'], Cmd: ['-c', 'x'], Env: ['A=1', 'B=x=y'] });
    expect(request.body).not.toHaveProperty('WorkingDir');
    expect(request.body).not.toHaveProperty('User');
  });

  it('limits cpus, memory without swap, and pids, and cuts the network off', () => {
    expect(request.body).toHaveProperty('HostConfig', {
      NetworkMode: 'none',
      CapDrop: ['MKNOD', 'NET_RAW'],
      LogConfig: { Type: 'none', Config: {} },
      NanoCpus: 2e9,
      Memory: 2 ** 31,
      MemorySwap: 2 ** 31,
      PidsLimit: 100,
    });
  });
});
