import { judged } from './read-dockerfile.js';
import { runFlags } from './run-flags.js';

/**
 * Why a Dockerfile must not be built that asks for the host's network, or for all privileges, for one of its lines; null where none
 * does. podman 4.3 knows no such flag, and newer ones may give it to whoever asks, whatever network the build has.
 */
export function hostRunRefusal(text: string): string | null {
  return judged(() => {
    const odd = [...runFlags(text)].find(asksForHost);
    return odd === undefined ? null : `RUN ${odd.slice(0, 200)} can reach the host`;
  });
}

/** A flag whose name is not plain letters may become any other. */
function asksForHost(flag: string): boolean {
  const [, name = ''] = /^--([a-z]+)(?==|$)/.exec(flag) ?? [];
  if (name === 'network') return !/^--network=(?:none|default)$/.test(flag);
  if (name === 'security') return flag !== '--security=sandbox';
  return name === '';
}
