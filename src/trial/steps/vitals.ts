import type { Sandbox, SandboxVitals } from '../../sandbox/sandbox.js';

/** A sandbox's counters. They are nice to have: that they cannot be read takes nothing from a verdict. */
export async function vitalsOf(sandbox: Sandbox, signal: AbortSignal): Promise<SandboxVitals | null> {
  return sandbox.vitals(signal).catch(() => {
    signal.throwIfAborted();
    return null;
  });
}
