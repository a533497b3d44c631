import type { Readable } from 'node:stream';

const defaultOutputBytes = 2 ** 20;

/** Keeps what a process prints on each of its streams, up to `maxBytes` of each. */
export function captureOutput(
  { stdout, stderr }: { readonly stdout: Readable; readonly stderr: Readable },
  maxBytes = defaultOutputBytes,
): { readonly stdout: ByteCapture; readonly stderr: ByteCapture } {
  const captures = { stdout: new ByteCapture(maxBytes), stderr: new ByteCapture(maxBytes) };
  stdout.on('data', (chunk: Buffer) => captures.stdout.push(chunk));
  stderr.on('data', (chunk: Buffer) => captures.stderr.push(chunk));
  return captures;
}

/** Keeps the first and the last half of `maxBytes` of a stream; counts the rest. */
export class ByteCapture {
  private readonly half: number;
  private readonly head: Buffer[] = [];
  private readonly tail: Buffer[] = [];
  private headBytes = 0;
  private tailBytes = 0;
  dropped = 0;

  constructor(maxBytes: number) {
    this.half = Math.floor(maxBytes / 2);
  }

  get isEmpty(): boolean {
    return this.headBytes === 0;
  }

  push(chunk: Buffer): void {
    const first = chunk.subarray(0, this.half - this.headBytes);
    const rest = chunk.subarray(first.length);
    if (first.length > 0) this.head.push(Buffer.from(first));
    this.headBytes += first.length;
    if (rest.length === 0) return;
    this.tail.push(Buffer.from(rest));
    this.tailBytes += rest.length;
    while (this.tailBytes > this.half) this.dropOldest();
  }

  /** What was kept. */
  bytes(): Buffer {
    return Buffer.concat([...this.head, ...this.tail]);
  }

  /** What was kept, invalid UTF-8 replaced. */
  text(): string {
    return this.bytes().toString('utf8');
  }

  private dropOldest(): void {
    const oldest = this.tail[0];
    if (oldest === undefined) return;
    const excess = Math.min(oldest.length, this.tailBytes - this.half);
    if (excess === oldest.length) this.tail.shift();
    else this.tail[0] = oldest.subarray(excess);
    this.tailBytes -= excess;
    this.dropped += excess;
  }
}
