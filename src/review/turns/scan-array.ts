import type { FileHandle } from 'node:fs/promises';

/** An object of a long JSON array: where it lies in the file, and what tells its kind. */
export interface ArrayElement {
  /** Offsets in bytes; `end` is behind its last byte. */
  readonly start: number;
  readonly end: number;
  /** Value of its own key `role` or `source`, when it is short. */
  readonly role: string | null;
  /** Levels of lists and tables in it. */
  readonly levels: number;
}

/** Keys of a document whose array is the long one: ATIF's steps, chat messages. */
const arrayKeys = new Set(['steps', 'messages']);
const roleKeys = new Set(['role', 'source']);
const chunkBytes = 1024 * 1024;
const shortBytes = 16;
const [quote, backslash, colon, comma] = Buffer.from('"\\:,') as unknown as [number, number, number, number];
const [openList, closeList, openTable, closeTable] = Buffer.from('[]{}') as unknown as number[];

/**
 * Finds the elements of the array of a trajectory without reading its texts into memory: one chunk at a time is held,
 * and the scan can stop early and go on later. The document is an array, or a table with one under `steps` or
 * `messages`. What is no JSON gives elements that do not parse, or none.
 */
export async function scanArray(
  handle: FileHandle,
  scan: ArrayScan,
  {
    toByte,
    isEnough,
  }: { readonly toByte: number; readonly isEnough: (elements: readonly ArrayElement[]) => boolean },
): Promise<void> {
  const chunk = Buffer.allocUnsafe(chunkBytes);
  while (scan.at < toByte && !isEnough(scan.elements)) {
    const { bytesRead } = await handle.read(chunk, 0, Math.min(chunkBytes, toByte - scan.at), scan.at);
    if (bytesRead === 0) return;
    scan.take(chunk.subarray(0, bytesRead), scan.at);
    scan.at += bytesRead;
  }
}

/** How far an array has been scanned. */
export interface ArrayScan {
  readonly elements: readonly ArrayElement[];
  /** Everything before is in `elements`. */
  at: number;
  take(chunk: Buffer, offset: number): void;
}

export function startArrayScan(): ArrayScan {
  return createScan();
}

interface Scan extends ArrayScan {
  readonly elements: ArrayElement[];
  depth: number;
  inString: boolean;
  /** The part of a string that was seen so far ends in a backslash that escapes what follows. */
  isEscaped: boolean;
  /** The string under way, or the last one; null when it is longer than what matters. */
  short: string | null;
  key: string | null;
  /** Depth at which elements begin; null until the array is found. */
  elementDepth: number | null;
  start: number;
  role: string | null;
  deepest: number;
}

function createScan(): Scan {
  return {
    elements: [],
    at: 0,
    depth: 0,
    inString: false,
    isEscaped: false,
    short: null,
    key: null,
    elementDepth: null,
    start: -1,
    role: null,
    deepest: 0,
    take(chunk, offset) {
      for (let at = 0; at < chunk.length;) {
        at = this.inString ? skipString(this, chunk, at) : takeByte(this, chunk, at, offset);
      }
    },
  };
}

/** Goes on to the end of the string, or of the chunk. Byte by byte: texts are full of escaped quotes. */
function skipString(scan: Scan, chunk: Buffer, from: number): number {
  const end = chunk.length;
  let at = from;
  if (scan.isEscaped) {
    scan.isEscaped = false;
    at += 1;
  }
  while (at < end) {
    const byte = chunk[at];
    if (byte === quote) break;
    at += byte === backslash ? 2 : 1;
  }
  // A backslash at the end of the chunk escapes the first byte of the next one.
  if (at > end) scan.isEscaped = true;
  const seen = Math.min(at, end);
  if (scan.short !== null) {
    const more = seen - from <= shortBytes ? scan.short + chunk.toString('latin1', from, seen) : null;
    scan.short = more === null || more.length > shortBytes ? null : more;
  }
  if (at >= end) return end;
  scan.inString = false;
  takeValue(scan);
  return at + 1;
}

/** A string ended: the value of an element's role counts. */
function takeValue(scan: Scan): void {
  const isOwn = scan.elementDepth !== null && scan.start >= 0 && scan.depth === scan.elementDepth + 1;
  if (isOwn && scan.key !== null && roleKeys.has(scan.key)) scan.role ??= scan.short;
}

function takeByte(scan: Scan, chunk: Buffer, at: number, offset: number): number {
  const byte = chunk[at];
  if (byte === quote) {
    scan.inString = true;
    scan.short = '';
  } else if (byte === openList || byte === openTable) open(scan, byte === openList, offset + at);
  else if (byte === closeList || byte === closeTable) close(scan, offset + at);
  else if (byte === colon) scan.key = scan.short;
  else if (byte === comma) scan.key = null;
  return at + 1;
}

function open(scan: Scan, isList: boolean, position: number): void {
  if (scan.elementDepth === null) {
    if (isList && (scan.depth === 0 || (scan.depth === 1 && arrayKeys.has(scan.key ?? ''))))
      scan.elementDepth = scan.depth + 1;
  } else if (scan.depth === scan.elementDepth && scan.start < 0 && !isList) {
    scan.start = position;
    scan.role = null;
    scan.deepest = 0;
  }
  scan.depth += 1;
  scan.key = null;
  if (scan.elementDepth !== null) scan.deepest = Math.max(scan.deepest, scan.depth - scan.elementDepth);
}

function close(scan: Scan, position: number): void {
  scan.depth -= 1;
  scan.key = null;
  if (scan.elementDepth === null) return;
  if (scan.start >= 0 && scan.depth === scan.elementDepth) {
    const { start, role, deepest } = scan;
    scan.elements.push({ start, end: position + 1, role, levels: deepest });
    scan.start = -1;
  }
  // The array is over: nothing behind it is an element.
  if (scan.depth < scan.elementDepth) scan.elementDepth = Number.POSITIVE_INFINITY;
}
