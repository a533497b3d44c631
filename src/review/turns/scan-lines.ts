import { mostLines } from '../../base/number/most-lines.js';
import type { FileHandle } from 'node:fs/promises';

/** A line of a file: where it lies, and how it begins. */
export interface FileLine {
  readonly start: number;
  /** Behind its last byte, the line break left out. */
  readonly end: number;
  /** Its first bytes, enough to tell the kind of a journal's entry. */
  readonly head: string;
}

const chunkBytes = 4 * 1024 * 1024;
const headBytes = 160;
const lineBreak = 10;

/**
 * The whole lines between two offsets, without their texts. A last line without its line break is left for later,
 * and so is what comes behind half a million lines.
 */
export async function scanLines(handle: FileHandle, from: number, to: number): Promise<FileLine[]> {
  const lines: FileLine[] = [];
  const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, Math.max(1, to - from)));
  let start = from;
  let head = '';
  for (let at = from; at < to && lines.length < mostLines;) {
    const { bytesRead } = await handle.read(chunk, 0, Math.min(chunk.length, to - at), at);
    if (bytesRead === 0) break;
    for (let begin = 0; begin < bytesRead && lines.length < mostLines;) {
      const found = chunk.subarray(0, bytesRead).indexOf(lineBreak, begin);
      const end = found < 0 ? bytesRead : found;
      if (head.length < headBytes)
        head += chunk.toString('latin1', begin, Math.min(end, begin + headBytes - head.length));
      if (found < 0) break;
      lines.push({ start, end: at + end, head });
      start = at + end + 1;
      head = '';
      begin = end + 1;
    }
    at += bytesRead;
  }
  return lines;
}
