import { describe, expect, it } from 'vitest';
import { boundingSet } from './capabilities.js';
import { counter, openHostView, parseCgroupFile } from './host-view.js';

describe('parseCgroupFile', () => {
  it('finds each controller of cgroup v1 and the unified tree', () => {
    const paths = parseCgroupFile('5:cpu,cpuacct:/a\n4:memory:/b\n1:name=systemd:/c\n0::/d\n');
    expect(Object.fromEntries(paths)).toEqual({
      cpu: '/a',
      cpuacct: '/a',
      memory: '/b',
      'name=systemd': '/c',
      '': '/d',
    });
  });
});

describe('counter', () => {
  it('reads a named number and does not mistake a longer name for it', () => {
    expect(counter('oom 3\noom_kill_disable 0\noom_kill 2\n', 'oom_kill')).toBe(2);
    expect(counter('oom 3\n', 'oom_kill')).toBeNull();
    expect(counter(null, 'oom_kill')).toBeNull();
  });
});

describe('boundingSet', () => {
  it('names the bits', () => {
    expect(boundingSet('Name:\tsh\nCapBnd:\t0000000000000003\n')).toEqual(['CAP_CHOWN', 'CAP_DAC_OVERRIDE']);
    expect(boundingSet('CapBnd:\t0000010000200000\n')).toEqual(['CAP_SYS_ADMIN', 'CAP_CHECKPOINT_RESTORE']);
    expect(boundingSet('')).toBeNull();
  });
});

describe('openHostView', () => {
  it('sees nothing of a process whose cgroup is not the container, whatever pid the engine gave', async () => {
    const view = await openHostView({
      containerId: 'f'.repeat(64),
      hostPid: process.pid,
      token: 'none',
    });
    expect(await view.oomKills()).toBeNull();
    expect(await view.root()).toBeNull();
    expect((await view.limits()).memoryBytes).toBeNull();
  });
});
