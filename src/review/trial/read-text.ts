import { openForeignFile, readRange } from '../../base/foreign-file.js';

/** A part of a text file, and how much of it there is. */
export interface TextPart {
  readonly text: string;
  readonly sizeBytes: number;
  readonly fromByte: number;
}

/** The last bytes of a file below `dir`, or the first; null where it cannot be read. */
export async function readText(
  dir: string,
  path: string,
  { maxBytes, from }: { readonly maxBytes: number; readonly from: 'start' | 'end' | number },
): Promise<TextPart | null> {
  const opened = await openForeignFile(dir, path);
  if (opened.kind !== 'file') return null;
  await using file = opened.value;
  const { size } = await file.stat();
  const start = from === 'start' ? 0 : from === 'end' ? Math.max(0, size - maxBytes) : Math.min(from, size);
  const bytes = await readRange(file, { start, length: Math.min(maxBytes, size - start) });
  return { text: bytes.toString('utf8'), sizeBytes: size, fromByte: start };
}
