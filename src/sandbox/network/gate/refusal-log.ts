import type { RefusedHost } from '../../../record/network-log.js';

export type Refusal = Pick<RefusedHost, 'phase' | 'service' | 'host' | 'port' | 'protocol'>;

/** What was refused, each host and port once, with how often. */
export interface RefusalLog {
  add(refusal: Refusal): void;
  readonly refused: readonly RefusedHost[];
  /** Refusals of hosts for which there was no room. */
  readonly more: number;
}

const mostHosts = 256;
const longestHost = 253;

/** A log that a sandbox cannot make grow: what comes after the first hosts is only counted. */
export function openRefusalLog(): RefusalLog {
  const known = new Map<string, RefusedHost>();
  let more = 0;
  return {
    add: (refusal) => {
      const found = { ...refusal, host: refusal.host.slice(0, longestHost) };
      const { phase, service, host, port, protocol } = found;
      const key = JSON.stringify([phase, service, host, port, protocol]);
      const at = new Date().toISOString();
      const before = known.get(key);
      if (before === undefined && known.size >= mostHosts) more += 1;
      else
        known.set(key, {
          ...found,
          count: (before?.count ?? 0) + 1,
          first_at: before?.first_at ?? at,
          last_at: at,
        });
    },
    get refused() {
      return [...known.values()];
    },
    get more() {
      return more;
    },
  };
}
