import { createGunzip, createGzip } from 'node:zlib';
import { pipeline, Readable } from 'node:stream';
import type { DownloadLimits, DownloadReport } from '../sandbox.js';
import { addFolder } from './send-tree.js';
import { tarOf } from './tar-of.js';
import { unpack } from './unpack.js';

/**
 * A folder of the host as a compressed tar, in memory; null when it is larger than `maxBytes`. Permission bits and links
 * are kept as they are.
 */
export async function packFolder(dir: string, maxBytes: number): Promise<Buffer | null> {
  const tar = tarOf(async (into) => {
    into.entry({ name: 'folder/', type: 'directory', mode: 0o700 });
    await addFolder(into, dir, 'folder/');
  });
  const compressed = createGzip({ level: 1 });
  // Whoever reads what is compressed gets the failure; it must not end the process as one that nobody listens to.
  pipeline(Readable.from(tar), compressed, () => undefined);
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of compressed as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > maxBytes) {
      tar.destroy();
      return null;
    }
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** Writes what `packFolder` packed below `dir`, as a hostile download: whoever packed it may be anybody. */
export function unpackFolder(content: Buffer, dir: string, limits: DownloadLimits): Promise<DownloadReport> {
  const tar = createGunzip();
  pipeline(Readable.from([content]), tar, () => undefined);
  return unpack(tar, dir, limits);
}
