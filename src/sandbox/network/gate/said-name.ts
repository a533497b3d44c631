/** What the first bytes of a connection say of the host that is meant. */
export type SaidName =
  | { readonly kind: 'name'; readonly name: string }
  /** Neither TLS nor HTTP, or without a name. */
  | { readonly kind: 'none' }
  /** The bytes so far may still become one. */
  | { readonly kind: 'unfinished' };

const none = { kind: 'none' } as const;
const unfinished = { kind: 'unfinished' } as const;
/** A ClientHello or an HTTP header that is longer says nothing that is waited for. */
export const longestHello = 16 * 1024 + 5;
const methods = /^(?:GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|PROPFIND|REPORT) /;
const methodStart = /^[A-Z]{1,8}$/;

/** Reads the server name of a TLS ClientHello (RFC 6066) or the Host of an HTTP request. */
export function saidName(bytes: Buffer): SaidName {
  if (bytes.length === 0) return unfinished;
  if (bytes[0] === 0x16) return tlsName(bytes);
  const text = bytes.toString('latin1');
  if (!methods.test(text)) return methodStart.test(text) ? unfinished : none;
  const end = text.search(/\r?\n\r?\n/);
  if (end < 0) return bytes.length > longestHello ? none : unfinished;
  const hosts = [...text.slice(0, end).matchAll(/\r?\nhost:[ \t]*([^\r\n]*)/gi)].map(([, host = '']) => host);
  // A proxy is told there where to go on to.
  const target = /^(?:CONNECT |\S+ https?:\/\/)([^/ ?#\r\n]*)/i.exec(text)?.[1];
  const [first, ...others] = [...(target === undefined ? [] : [target]), ...hosts].map(hostOnly);
  // Two that differ are read differently by different servers: no name is believed then.
  if (first === undefined || others.some((other) => other !== first)) return { kind: 'name', name: '' };
  return { kind: 'name', name: first };
}

function hostOnly(written: string): string {
  const host = written.trim().toLowerCase();
  return host
    .replace(/^.*@/, '')
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}

/** A ClientHello may come in several records; their bodies are read as one. */
function tlsName(bytes: Buffer): SaidName {
  const parts: Buffer[] = [];
  let at = 0;
  while (at + 5 <= bytes.length && bytes[at] === 0x16) {
    const length = bytes.readUInt16BE(at + 3);
    parts.push(bytes.subarray(at + 5, at + 5 + length));
    at += 5 + length;
  }
  const hello = Buffer.concat(parts);
  const isWhole = hello.length >= 4 && hello.length >= 4 + hello.readUIntBE(1, 3);
  if (!isWhole) return bytes.length > longestHello ? none : unfinished;
  try {
    return hello[0] === 1 ? (serverName(hello) ?? none) : none;
  } catch (error) {
    if (error instanceof RangeError) return none;
    throw error;
  }
}

/** Throws RangeError where the hello ends too early. */
function serverName(hello: Buffer): SaidName | null {
  let at = 4 + 2 + 32;
  at += 1 + hello.readUInt8(at);
  at += 2 + hello.readUInt16BE(at);
  at += 1 + hello.readUInt8(at);
  if (at + 2 > hello.length) return null;
  const end = at + 2 + hello.readUInt16BE(at);
  at += 2;
  while (at + 4 <= end) {
    const [type, length] = [hello.readUInt16BE(at), hello.readUInt16BE(at + 2)];
    at += 4;
    if (type === 0 && hello.readUInt8(at + 2) === 0) {
      const size = hello.readUInt16BE(at + 3);
      const name = hello.subarray(at + 5, at + 5 + size).toString('latin1');
      return { kind: 'name', name: name.toLowerCase().replace(/\.$/, '') };
    }
    at += length;
  }
  return null;
}
