import type { EngineInfo } from '../../container-engine.js';

/** Which of a Dockerfile's `RUN --mount` reach the host: any, or only caches by their ids and sources. */
export type MountFlaw = 'mounts' | 'caches' | null;

/**
 * What an engine lets through. podman before 4.9.4 and 5.0.0 follow a link to the host (CVE-2024-1753); before 5.2.5 the id of a
 * cache leads out of its folder (CVE-2024-9675; some distributions mend it under older numbers, which cannot be told). Debian 12's
 * 4.3.1 has both (test/integration/hostile-dockerfile.test.ts). A version that cannot be read counts as flawed.
 */
export function mountFlaw({ name, version }: Pick<EngineInfo, 'name' | 'version'>): MountFlaw {
  if (name !== 'podman') return null;
  const [, ...numbers] = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version) ?? [];
  const [major = 0, minor = 0, patch = 0] = numbers.map(Number);
  const isBefore = (...other: readonly [number, number, number]): boolean =>
    major * 1e6 + minor * 1e3 + patch < other[0] * 1e6 + other[1] * 1e3 + other[2];
  if (isBefore(4, 9, 4) || (major === 5 && isBefore(5, 0, 1))) return 'mounts';
  return isBefore(5, 2, 5) ? 'caches' : null;
}

/** What to tell whoever runs such an engine. */
export const mountFlawHint =
  'podman before 4.9.4, and 5.0.0, lets a Dockerfile read and write the host this way (CVE-2024-1753), before 5.2.5 by the id of a cache (CVE-2024-9675): run podman 5.2.5 or newer, or remove the mount';
