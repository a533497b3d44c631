/** Where cloud metadata and neighbours on the wire answer: no task's business, whatever the network. */
const linkLocal = ['169.254.0.0/16', 'fe80::/10'];

/** Networks that are nobody's on the internet (RFC 1918, RFC 6598, RFC 4193). */
export const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'];

/** What no sandbox with a network may reach, name resolution apart: addresses and ranges. */
export function alwaysBlocked(hostAddresses: Iterable<string>): readonly string[] {
  return [...hostAddresses, ...linkLocal];
}
