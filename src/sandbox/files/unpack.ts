import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { extract, type Extract } from 'tar-stream';
import { SandboxError } from '../../base/errors.js';
import { collisionKey, safeName } from './entry-name.js';
import type { DownloadLimits, DownloadReport } from '../sandbox.js';

/** More than this is not read through to get past a file that is too large. */
const longestSkipBytes = 256 * 2 ** 20;

type Entry = Extract extends AsyncIterable<infer Source> ? Source : never;

const newFile = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/**
 * Writes the regular files of a tar below `hostDir`, which is created. The tar is hostile: only plain files and
 * folders come out of it, each file new, none through a link, none outside; the rest is listed with its reason. The first
 * component of every name (the base name of the folder that was read) is dropped, unless it names a file.
 */
export async function unpack(
  tar: Readable,
  hostDir: string,
  limits: DownloadLimits,
): Promise<DownloadReport> {
  const unpacking = new Unpacking(hostDir, limits);
  await mkdir(hostDir, { recursive: true });
  const entries = extract();
  tar.on('error', (error) => entries.destroy(error));
  tar.pipe(entries);
  try {
    for await (const entry of entries) {
      if (!(await unpacking.take(entry))) break;
    }
  } catch (error) {
    if (error instanceof SandboxError) throw error;
    throw new SandboxError('the archive that came from the sandbox is broken or could not be written', {
      cause: error,
    });
  } finally {
    tar.destroy();
  }
  return { files: unpacking.files, refused: unpacking.refused };
}

class Unpacking {
  readonly files: { path: string; sizeBytes: number; sha256: string }[] = [];
  readonly refused: { path: string; reason: string }[] = [];
  private readonly seen = new Set<string>();
  private readonly folders = new Set<string>();
  private entryCount = 0;
  private totalBytes = 0;

  constructor(
    private readonly hostDir: string,
    private readonly limits: DownloadLimits,
  ) {}

  /** Returns false when nothing after this entry should be read. */
  async take(entry: Entry): Promise<boolean> {
    const { name, type, size } = entry.header;
    this.entryCount += 1;
    if (this.entryCount > this.limits.maxEntries) {
      return this.refuse(name, `more than ${this.limits.maxEntries} entries; the rest was not read`, false);
    }
    const isFile = type === 'file' || type === 'contiguous-file';
    const place = safeName(withoutRoot(name, isFile && this.entryCount === 1));
    if (place.kind === 'refused') return this.skip(entry, place.reason);
    if (type === 'directory') {
      const isFolder = await this.makeFolders(place.parts);
      return isFolder ? this.pass(entry) : this.skip(entry, 'there is something else of that name');
    }
    if (!isFile) return this.skip(entry, type);
    if (size > this.limits.maxFileBytes)
      return this.skip(entry, `larger than ${this.limits.maxFileBytes} bytes`);
    if (this.totalBytes + size > this.limits.maxTotalBytes) {
      return this.skip(entry, `more than ${this.limits.maxTotalBytes} bytes in all`);
    }
    return this.writeFile(entry, place.parts);
  }

  private async writeFile(entry: Entry, parts: readonly string[]): Promise<boolean> {
    const key = collisionKey(parts);
    if (this.seen.has(key)) return this.skip(entry, 'differs from another name only in case or accents');
    this.seen.add(key);
    if (!(await this.makeFolders(parts.slice(0, -1)))) return this.skip(entry, 'its folder is not a folder');
    const path = parts.join('/');
    const written = await writeNewFile(join(this.hostDir, ...parts), entry).catch((error: unknown) => {
      if (isTaken(error)) return null;
      throw error;
    });
    if (written === null) return this.skip(entry, 'there is something of that name already');
    this.totalBytes += written.sizeBytes;
    this.files.push({ path, ...written });
    return true;
  }

  /** Creates what is missing; false when something on the way is not a folder. */
  private async makeFolders(parts: readonly string[]): Promise<boolean> {
    let folder = this.hostDir;
    for (const part of parts) {
      folder = join(folder, part);
      if (this.folders.has(folder)) continue;
      await mkdir(folder).catch((error: unknown) => {
        if (!isTaken(error)) throw error;
      });
      if (!(await lstat(folder)).isDirectory()) return false;
      this.folders.add(folder);
    }
    return true;
  }

  private skip(entry: Entry, reason: string): boolean {
    const { name, size } = entry.header;
    if (size > longestSkipBytes) return this.refuse(name, `${reason}; what follows it was not read`, false);
    this.refuse(name, reason, true);
    return this.pass(entry);
  }

  private pass(entry: Entry): boolean {
    entry.resume();
    return true;
  }

  private refuse(name: string, reason: string, goOn: boolean): boolean {
    this.refused.push({ path: withoutRoot(name, false), reason });
    return goOn;
  }
}

function withoutRoot(name: string, isRoot: boolean): string {
  if (isRoot || name.startsWith('/') || name.startsWith('../')) return name;
  const slash = name.indexOf('/');
  return slash === -1 ? (name === '..' ? name : '') : name.slice(slash + 1);
}

function isTaken(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'EEXIST' || code === 'ELOOP' || code === 'ENOTDIR';
}

async function writeNewFile(path: string, entry: Entry): Promise<{ sizeBytes: number; sha256: string }> {
  const file = await open(path, newFile, entry.header.mode & 0o777);
  const hash = createHash('sha256');
  let sizeBytes = 0;
  try {
    for await (const chunk of entry as AsyncIterable<Buffer>) {
      hash.update(chunk);
      sizeBytes += chunk.length;
      await file.writeFile(chunk);
    }
    return { sizeBytes, sha256: hash.digest('hex') };
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}
