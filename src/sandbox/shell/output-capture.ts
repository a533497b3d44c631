import { isAscii, isUtf8 } from 'node:buffer';
import type { CommandOutput } from '../sandbox.js';

/** How much of an output is kept at each end, in Unicode code points. */
export interface OutputLimits {
  readonly head: number;
  readonly tail: number;
}

/** What is kept where no harness says otherwise: the truncation of the published Tmax runs. */
export const defaultOutputLimits: OutputLimits = { head: 5_000, tail: 5_000 };

const maxBytesPerCodePoint = 4;
const nothing = Buffer.alloc(0);

/**
 * Keeps the head and the tail of a byte stream of any size. Memory is bounded by the limits; the cost of a byte that is
 * kept by neither is one validation and one count. Invalid UTF-8 is replaced as TextDecoder does it, however
 * the chunks are cut.
 */
export class OutputCapture {
  private readonly head: Bytes;
  private readonly tail: Bytes;
  private headLeft: number;
  private codePoints = 0;
  private bytes = 0;
  /** The beginning of a sequence that the next chunk may complete. */
  private carry: Buffer = nothing;

  constructor(private readonly limits: OutputLimits) {
    this.headLeft = limits.head;
    this.head = new Bytes(limits.head * maxBytesPerCodePoint);
    this.tail = new Bytes(limits.tail * maxBytesPerCodePoint);
  }

  get totalBytes(): number {
    return this.bytes;
  }

  push(chunk: Buffer): void {
    this.bytes += chunk.length;
    const whole = this.carry.length === 0 ? chunk : Buffer.concat([this.carry, chunk]);
    const cut = whole.length - openSequenceLength(whole);
    const isWhole = cut === whole.length;
    this.carry = isWhole ? nothing : Buffer.from(whole.subarray(cut));
    if (cut > 0) this.add(isWhole ? whole : whole.subarray(0, cut));
  }

  finish(): CommandOutput {
    if (this.carry.length > 0) this.add(this.carry);
    this.carry = nothing;
    const head = this.head.toString();
    const beyond = this.codePoints - (this.limits.head - this.headLeft);
    const elided = Math.max(0, beyond - this.limits.tail);
    if (elided === 0)
      return { head: head + this.tail.lastCodePoints(beyond), tail: '', elided, totalBytes: this.bytes };
    return { head, tail: this.tail.lastCodePoints(this.limits.tail), elided, totalBytes: this.bytes };
  }

  /** `bytes` begins and ends at the border of a sequence. */
  private add(bytes: Buffer): void {
    const valid = isUtf8(bytes) ? bytes : Buffer.from(bytes.toString('utf8'));
    const count = countCodePoints(valid);
    this.codePoints += count;
    let rest = valid;
    if (this.headLeft > 0) {
      const taken = Math.min(count, this.headLeft);
      const cut = taken === count ? valid.length : offsetOfCodePoint(valid, taken);
      this.head.append(valid.subarray(0, cut));
      this.headLeft -= taken;
      rest = valid.subarray(cut);
    }
    this.tail.append(rest);
  }
}

/** A growing buffer of which only the last `keep` bytes matter. */
class Bytes {
  private buffer = Buffer.alloc(0);
  private length = 0;

  constructor(private readonly keep: number) {}

  append(bytes: Buffer): void {
    const added = bytes.length > this.keep ? bytes.subarray(bytes.length - this.keep) : bytes;
    if (this.length + added.length > this.buffer.length) this.makeRoom(added.length);
    this.length += added.copy(this.buffer, this.length);
  }

  toString(): string {
    return this.buffer.toString('utf8', 0, this.length);
  }

  lastCodePoints(count: number): string {
    let start = this.length;
    for (let left = count; left > 0 && start > 0; left -= 1) {
      start -= 1;
      while (start > 0 && isContinuation(this.buffer[start])) start -= 1;
    }
    return this.buffer.toString('utf8', start, this.length);
  }

  private makeRoom(added: number): void {
    const kept = Math.min(this.length, this.keep);
    const capacity = 2 * this.keep;
    if (this.buffer.length < capacity) {
      const size = Math.min(capacity, Math.max(256, 2 * (this.length + added)));
      const grown = Buffer.alloc(size);
      const from = this.length + added <= size ? 0 : this.length - kept;
      this.length = this.buffer.copy(grown, 0, from, this.length);
      this.buffer = grown;
    } else {
      this.buffer.copyWithin(0, this.length - kept, this.length);
      this.length = kept;
    }
  }
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** Code points of valid UTF-8. */
function countCodePoints(bytes: Buffer): number {
  if (isAscii(bytes)) return bytes.length;
  let count = 0;
  for (let index = 0; index < bytes.length; index += 1) if (!isContinuation(bytes[index])) count += 1;
  return count;
}

/** Where code point number `wanted` (from 0) begins in valid UTF-8 that has more than `wanted`. */
function offsetOfCodePoint(bytes: Buffer, wanted: number): number {
  let left = wanted;
  let index = 0;
  for (; index < bytes.length; index += 1) {
    if (isContinuation(bytes[index])) continue;
    if (left === 0) break;
    left -= 1;
  }
  return index;
}

/** Length of a sequence at the end of `bytes` that lacks continuation bytes; a lead byte always begins anew. */
function openSequenceLength(bytes: Buffer): number {
  const longest = Math.min(3, bytes.length);
  for (let back = 1; back <= longest; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (isContinuation(byte)) continue;
    return byte >= 0xc2 && byte <= 0xf4 && sequenceLength(byte) > back ? back : 0;
  }
  return 0;
}

function sequenceLength(lead: number): number {
  if (lead >= 0xf0) return 4;
  return lead >= 0xe0 ? 3 : 2;
}
