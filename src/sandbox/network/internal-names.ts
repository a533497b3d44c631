import type { EngineInfo } from '../container-engine.js';

/**
 * Why names leave an environment that has a network policy and several containers; null where they do not. Docker's own resolver
 * passed what it did not know on to the host's, from internal networks too, before 23.0.11, 25.0.5 and 26.0.0 (CVE-2024-29018); some
 * distributions mend it under older numbers, which cannot be told. A version that cannot be read counts as flawed.
 */
export function internalNamesFlaw({ name, version }: Pick<EngineInfo, 'name' | 'version'>): string | null {
  if (name !== 'docker') return null;
  const [, ...numbers] = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version) ?? [];
  const [major = 0, minor = 0, patch = 0] = numbers.map(Number);
  const isMended =
    major >= 26 ||
    (major === 25 && (minor > 0 || patch >= 5)) ||
    (major === 23 && (minor > 0 || patch >= 11));
  return isMended
    ? null
    : `Docker ${version} resolves every name for its services, which carries data out (CVE-2024-29018; 26 does not)`;
}
