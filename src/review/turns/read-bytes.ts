import type { FileHandle } from 'node:fs/promises';
import { readRange } from '../../base/foreign-file.js';

/** A part of a file: `end` is behind its last byte. */
export interface Bytes {
  readonly start: number;
  readonly end: number;
}

/** One record of a conversation that is read whole; a larger one is named and left out. */
export const longestRecordBytes = 32 * 1024 * 1024;

export async function readBytes(handle: FileHandle, { start, end }: Bytes): Promise<Buffer | null> {
  return end - start > longestRecordBytes ? null : readRange(handle, { start, length: end - start });
}
