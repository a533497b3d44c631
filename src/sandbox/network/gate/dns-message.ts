/** The question of a DNS query, as far as it is of use here. */
export interface DnsQuestion {
  readonly name: string;
  /** 1 is A, 28 is AAAA. */
  readonly type: number;
  /** Where the question ends. */
  readonly end: number;
}

const headerBytes = 12;
export const recordTypes = { a: 1, aaaa: 28 } as const;
export const answerCodes = { none: 0, failed: 2, noSuchName: 3 } as const;

/** The one question of a query; null for what is no plain query (RFC 1035). */
export function readQuestion(query: Buffer): DnsQuestion | null {
  const isPlain = query.length > headerBytes && (query[2] ?? 0xff) < 0x80 && query.readUInt16BE(4) === 1;
  const labels: string[] = [];
  let at = headerBytes;
  while (isPlain && at < query.length) {
    const length = query[at] ?? 0;
    at += 1;
    if (length === 0) break;
    if (length > 63 || at + length > query.length) return null;
    labels.push(query.subarray(at, at + length).toString('latin1'));
    at += length;
  }
  if (!isPlain || at + 4 > query.length || at > headerBytes + 255) return null;
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at), end: at + 4 };
}

/** The answer to a query: a code and no record, or one IPv4 address. */
export function dnsAnswer(
  query: Buffer,
  question: DnsQuestion,
  found: { readonly code: number; readonly address?: string },
): Buffer {
  const head = Buffer.from(query.subarray(0, question.end));
  // An answer, recursion available; asked for or not is as in the query.
  head[2] = 0x80 | ((query[2] ?? 0) & 0x01);
  head[3] = 0x80 | found.code;
  head.fill(0, 4, headerBytes);
  head.writeUInt16BE(1, 4);
  if (found.address === undefined) return head;
  head.writeUInt16BE(1, 6);
  const record = Buffer.alloc(16);
  // The name is the question's; class IN, one second to live, four bytes.
  record.writeUInt16BE(0xc000 | headerBytes, 0);
  record.writeUInt16BE(recordTypes.a, 2);
  record.writeUInt16BE(1, 4);
  record.writeUInt32BE(1, 6);
  record.writeUInt16BE(4, 10);
  record.set(found.address.split('.').map(Number), 12);
  return Buffer.concat([head, record]);
}
