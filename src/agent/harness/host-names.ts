import os from 'node:os';

/** What Python's `platform.uname()` says of this host: template variables of mini-swe-agent. */
export function hostNames(): Record<string, string> {
  return {
    system: os.type(),
    node: os.hostname(),
    release: os.release(),
    version: os.version(),
    machine: os.machine(),
    processor: '',
  };
}
