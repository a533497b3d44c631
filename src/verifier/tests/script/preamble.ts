import { mostLines } from '../../../base/number/most-lines.js';

/** What bash saw right before the tests. */
export interface Preamble {
  /** What listened: `0.0.0.0:80`, `udp 127.0.0.1:53`, `unix /run/mysqld.sock`. */
  readonly sockets: readonly string[];
  /** Lines of /etc/hosts. */
  readonly hosts: readonly string[];
}

/** Reads the launcher's lines; what does not fit is passed over. */
export function readPreamble(text: string): Preamble {
  const lines = text.split('\n', mostLines);
  const sockets = lines.flatMap((line) => {
    const unix = /^unix (\S+)$/.exec(line)?.[1];
    if (unix !== undefined) return [`unix ${unix}`];
    const [, address, port, protocol] =
      /^socket ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) (tcp|udp)6?$/.exec(line) ?? [];
    if (address === undefined || port === undefined) return [];
    return [`${protocol === 'udp' ? 'udp ' : ''}${addressOf(address)}:${Number.parseInt(port, 16)}`];
  });
  const hosts = lines.flatMap((line) => /^hosts (.*)$/.exec(line)?.[1] ?? []);
  return { sockets: [...new Set(sockets)].sort(), hosts: hosts.slice(0, 1_000) };
}

/** The kernel prints IPv4 addresses as a little-endian word. */
function addressOf(hex: string): string {
  if (hex.length === 8)
    return (hex.match(/../g) ?? [])
      .map((byte) => Number.parseInt(byte, 16))
      .reverse()
      .join('.');
  return /^0+$/.test(hex) ? '[::]' : `[${hex.toLowerCase()}]`;
}
