import { describe, expect, it } from 'vitest';
import { containersConf } from './containers-conf.js';
import { hardLimit, type HostFacts } from './host-facts.js';

const roomyHost: HostFacts = {
  cgroupHybrid: false,
  openFilesHard: 1_048_576,
  processesHard: 100_000,
  canRaiseLimits: true,
  hasSystemd: true,
  hasJournal: true,
  hasRunc: true,
  hasCrun: true,
  hasProxy: false,
  isConfigured: false,
};

describe('containersConf', () => {
  it('leaves podman alone where its defaults work', () => {
    expect(containersConf(roomyHost)).toBeNull();
    expect(containersConf({ ...roomyHost, openFilesHard: 20_000, canRaiseLimits: true })).toBeNull();
  });

  it('answers hybrid cgroups, low limits and a missing systemd, each with its own line', () => {
    const found = containersConf({
      ...roomyHost,
      cgroupHybrid: true,
      openFilesHard: 20_000,
      canRaiseLimits: false,
      hasSystemd: false,
      hasJournal: false,
    });
    expect(found).toBe(
      [
        '[containers]',
        'default_ulimits = ["nofile=20000:20000", "nproc=32768:32768"]',
        '[engine]',
        'runtime = "runc"',
        'cgroup_manager = "cgroupfs"',
        'events_logger = "file"',
        '',
      ].join('\n'),
    );
  });

  it('leaves a podman alone that somebody has configured', () => {
    expect(
      containersConf({ ...roomyHost, cgroupHybrid: true, hasSystemd: false, isConfigured: true }),
    ).toBeNull();
  });

  it('does not name a runtime that is not installed', () => {
    expect(containersConf({ ...roomyHost, cgroupHybrid: true, hasRunc: false })).toBeNull();
  });

  it('keeps the proxy of the host out of containers', () => {
    expect(containersConf({ ...roomyHost, hasProxy: true })).toBe('[containers]\nhttp_proxy = false\n');
  });
});

describe('hardLimit', () => {
  const limits = [
    'Limit                     Soft Limit           Hard Limit           Units',
    'Max processes             96365                unlimited            processes',
    'Max open files            1024                 20000                files',
  ].join('\n');

  it('reads the hard column, and unlimited as no limit', () => {
    expect(hardLimit(limits, 'Max open files')).toBe(20_000);
    expect(hardLimit(limits, 'Max processes')).toBeNull();
    expect(hardLimit('', 'Max open files')).toBeNull();
  });
});
