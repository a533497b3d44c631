import { describe, expect, it } from 'vitest';
import { appliedLimits, type ReportedContainer } from './applied-limits.js';
import type { WantedLimits } from '../container-request.js';
import type { HostLimits } from './host-view.js';

const wanted: WantedLimits = {
  cpus: 1,
  memoryBytes: 2 ** 28,
  pids: 100,
  network: 'none',
  capabilities: ['CAP_SYS_PTRACE'],
  variables: ['no_proxy'],
  clamped: [],
};
const reported: ReportedContainer = {
  cpus: 1,
  memoryBytes: 2 ** 28,
  pids: 100,
  network: 'none',
  environment: ['PATH'],
  privileged: false,
};
const unseen: HostLimits = { cpus: null, memoryBytes: null, pids: null, capabilities: null };
const seen = (kernel: HostLimits) => ({ kernel, reach: { reach: 'none', refusal: null } }) as const;

describe('appliedLimits', () => {
  it('has nothing to warn of when everything took', () => {
    expect(appliedLimits(wanted, reported, seen(unseen)).warnings).toEqual([]);
    const kernel = { cpus: 1, memoryBytes: 2 ** 28 - 4096, pids: 100, capabilities: ['CAP_CHOWN'] };
    expect(appliedLimits(wanted, reported, seen(kernel))).toMatchObject({
      warnings: [],
      capabilities: ['CAP_CHOWN'],
    });
  });

  it('believes the kernel over the engine', () => {
    const kernel = { cpus: 2, memoryBytes: null, pids: null, capabilities: null };
    expect(appliedLimits(wanted, reported, seen(kernel)).warnings).toEqual(['cpus: 1 wanted, 2 in force']);
  });

  it('warns of each limit that did not take', () => {
    const nothing = { ...reported, cpus: null, memoryBytes: null, pids: null, network: 'bridge' };
    expect(appliedLimits(wanted, nothing, seen(unseen)).warnings).toEqual([
      'cpus: 1 wanted, no limit in force',
      'memory: 256 MiB wanted, no limit in force',
      'pids: 100 wanted, no limit in force',
      'network: none wanted, bridge in force',
    ]);
  });

  it('warns of powers and of a proxy that the engine hands to containers and their task does not ask for', () => {
    const loose = { ...reported, privileged: true, environment: ['HTTP_PROXY', 'PATH', 'no_proxy'] };
    const { warnings } = appliedLimits(
      wanted,
      loose,
      seen({ ...unseen, capabilities: ['CAP_CHOWN', 'CAP_SYS_ADMIN', 'CAP_SYS_PTRACE'] }),
    );
    expect(warnings[0]).toBe('the container is privileged');
    expect(warnings[1]).toMatch(/^capabilities: CAP_SYS_ADMIN granted/);
    expect(warnings[2]).toMatch(/^environment: HTTP_PROXY passed/);
  });

  it('warns that the host can be reached where its addresses could not be blocked', () => {
    const reach = { reach: 'all', refusal: 'there is no nft here' } as const;
    const open = appliedLimits(wanted, reported, { kernel: unseen, reach });
    expect(open).toMatchObject({
      reach: 'all',
      warnings: ["network: the sandbox can reach this machine's own addresses (there is no nft here)"],
    });
  });

  it('keeps the notes of what was clamped', () => {
    const { warnings } = appliedLimits(
      { ...wanted, clamped: ['cpus: 8 wanted, the host has 1'] },
      reported,
      seen(unseen),
    );
    expect(warnings).toEqual(['cpus: 8 wanted, the host has 1']);
  });
});
