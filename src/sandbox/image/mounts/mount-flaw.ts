import type { EngineInfo } from '../../container-engine.js';

/**
 * Whether the engine lets a Dockerfile's `RUN --mount` follow a link to the host (CVE-2024-1753, and CVE-2024-9675 for the
 * ids of caches): podman before 4.9.4 and 5.0.0. Debian 12's 4.3.1 has it too (test/integration/hostile-dockerfile.test.ts).
 * A version that cannot be read counts as flawed.
 */
export function hasMountFlaw({ name, version }: Pick<EngineInfo, 'name' | 'version'>): boolean {
  if (name !== 'podman') return false;
  const [, ...numbers] = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version) ?? [];
  const [major = 0, minor = 0, patch = 0] = numbers.map(Number);
  if (major === 4) return minor < 9 || (minor === 9 && patch < 4);
  return major < 4 || (major === 5 && minor === 0 && patch < 1);
}

/** What to tell whoever runs such an engine. */
export const mountFlawHint =
  'podman before 4.9.4, and 5.0.0, lets a Dockerfile read and write the host this way (CVE-2024-1753): run podman 5.0.1 or newer, or remove the mount';
