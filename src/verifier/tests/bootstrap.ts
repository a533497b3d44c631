import type { BootstrapFailure } from '../../record/evidence/test-evidence.js';

/** In this order: an earlier cause explains the later ones (no network, hence no uvx). */
const signatures: readonly { readonly cause: BootstrapFailure['cause']; readonly pattern: RegExp }[] = [
  {
    cause: 'disk-full',
    pattern: /No space left on device|Disk quota exceeded|You don't have enough free space/i,
  },
  {
    cause: 'package-lock',
    pattern:
      /Could not get lock \/var\/(?:lib|cache)|Unable to (?:acquire the dpkg|lock directory)|dpkg frontend lock/i,
  },
  {
    cause: 'package-interrupted',
    pattern: /dpkg was interrupted|dpkg --configure -a|Unmet dependencies. Try/i,
  },
  {
    cause: 'out-of-memory',
    pattern: /Cannot allocate memory|fork: retry: Resource temporarily unavailable/i,
  },
  {
    cause: 'network',
    pattern:
      /Temporary failure resolving|Could not resolve host|Failed to fetch|Name or service not known|Connection (?:refused|timed out|reset by peer)|Network is unreachable|curl: \(\d+\)|error sending request|Failed to (?:download|connect)|SSL_ERROR|certificate verify failed|Unable to fetch some archives/i,
  },
  {
    cause: 'tool-missing',
    pattern:
      /(?:uvx|uv|pytest|python3?|pip3?|curl): (?:command )?not found|\.local\/bin\/env: No such file|No module named '?pytest|unrecognized arguments: --ctrf|Unable to locate package|bash: .{0,120}?: (?:No such file or directory|command not found)/i,
  },
];

/**
 * The reason a verifier could not get to its tests, or null when its output names none. Ask only where no test
 * ran: the same words may stand in a test's own output.
 */
export function recogniseBootstrapFailure(output: string): BootstrapFailure | null {
  const hits = signatures.flatMap(({ cause, pattern }) => {
    const found = pattern.exec(output);
    return found === null ? [] : [{ cause, line: lineAround(output, found.index).trim().slice(0, 300) }];
  });
  const [root] = hits;
  return root === undefined ? null : { ...root, evidence: hits.map(({ line }) => line).join('\n') };
}

function lineAround(text: string, at: number): string {
  const end = text.indexOf('\n', at);
  return text.slice(text.lastIndexOf('\n', at - 1) + 1, end < 0 ? text.length : end);
}
