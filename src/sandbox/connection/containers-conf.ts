import { podmanProcesses, type HostFacts } from './host-facts.js';

/** podman asks for this many open files when nothing is configured. */
const podmanOpenFiles = 1_048_576;

/**
 * The containers.conf that podman needs on this host, or null where its defaults work or somebody has configured it:
 * ours would replace theirs. Each line answers one thing found on the host; nothing goes by distribution.
 */
export function containersConf(facts: HostFacts): string | null {
  if (facts.isConfigured) return null;
  const containers: string[] = [];
  const engine: string[] = [];
  if (!facts.canRaiseLimits && facts.openFilesHard !== null && facts.openFilesHard < podmanOpenFiles) {
    const files = facts.openFilesHard;
    const processes = Math.min(facts.processesHard ?? podmanProcesses, podmanProcesses);
    containers.push(`default_ulimits = ["nofile=${files}:${files}", "nproc=${processes}:${processes}"]`);
  }
  if (facts.hasProxy) containers.push('http_proxy = false');
  if (facts.cgroupHybrid && facts.hasRunc) engine.push('runtime = "runc"');
  if (!facts.hasSystemd) engine.push('cgroup_manager = "cgroupfs"');
  if (!facts.hasJournal) engine.push('events_logger = "file"');
  if (containers.length + engine.length === 0) return null;
  return [...section('containers', containers), ...section('engine', engine)].join('\n') + '\n';
}

function section(name: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`[${name}]`, ...lines];
}
