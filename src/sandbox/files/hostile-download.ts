import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DownloadLimits, DownloadReport } from '../sandbox.js';
import { collisionKey, safeName } from './entry-name.js';
import { ignoring } from './hostile-folder.js';

/** One entry of what comes out of a sandbox, however it is read. */
export interface DownloadEntry {
  /** Relative to the folder that is read, as the sandbox has it: hostile. */
  readonly name: string;
  /** `file` and `directory` may come out; any other kind is the reason why it may not. */
  readonly kind: string;
  readonly sizeBytes: number;
}

const newFile = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const takenCodes = ['EEXIST', 'ELOOP', 'ENOTDIR'];

/**
 * The one judge of what a sandbox's files may do to the host: only plain files and folders come out, each file new, none
 * through a link, none outside `hostDir`, nothing beyond the limits. Whatever is refused is listed with the reason.
 */
export class HostileDownload {
  private readonly files: { path: string; sizeBytes: number; sha256: string }[] = [];
  private readonly refused: { path: string; reason: string }[] = [];
  private readonly seen = new Set<string>();
  private readonly folders = new Set<string>();
  private entryCount = 0;
  private totalBytes = 0;

  constructor(
    private readonly hostDir: string,
    readonly limits: DownloadLimits,
  ) {}

  get report(): DownloadReport {
    return { files: this.files, refused: this.refused };
  }

  /** Counts an entry. False when there are too many: nothing after it should be read. */
  hasRoom(path: string): boolean {
    this.entryCount += 1;
    const { maxEntries } = this.limits;
    if (this.entryCount === maxEntries + 1)
      this.refuse(path, `more than ${maxEntries} entries; the rest was not read`);
    return this.entryCount <= maxEntries;
  }

  /** Where an entry may go, as names below `hostDir`; or why it may not come out at all. */
  judge(entry: DownloadEntry): { readonly parts: readonly string[] } | { readonly reason: string } {
    const place = safeName(entry.name);
    if (place.kind === 'refused') return place;
    const reason = entry.kind === 'directory' ? null : this.problemOf(entry, place.parts);
    return reason === null ? { parts: place.parts } : { reason };
  }

  /** Creates a folder and what is missing above it; false when something on the way is not a folder. */
  async makeFolder(parts: readonly string[]): Promise<boolean> {
    let folder = this.hostDir;
    for (const part of parts) {
      folder = join(folder, part);
      if (this.folders.has(folder)) continue;
      await ignoring(takenCodes, mkdir(folder));
      if (!(await lstat(folder)).isDirectory()) return false;
      this.folders.add(folder);
    }
    return true;
  }

  /** Writes a file that was judged; false when there is something of that name already. */
  async writeFile(parts: readonly string[], mode: number, blocks: AsyncIterable<Buffer>): Promise<boolean> {
    const path = join(this.hostDir, ...parts);
    const file = await ignoring(takenCodes, open(path, newFile, mode & 0o777));
    if (file === null) return false;
    const hash = createHash('sha256');
    let sizeBytes = 0;
    try {
      for await (const block of blocks) {
        hash.update(block);
        sizeBytes += block.length;
        await file.writeFile(block);
      }
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    this.totalBytes += sizeBytes;
    this.files.push({ path: parts.join('/'), sizeBytes, sha256: hash.digest('hex') });
    return true;
  }

  refuse(path: string, reason: string): void {
    this.refused.push({ path, reason });
  }

  private problemOf({ kind, sizeBytes }: DownloadEntry, parts: readonly string[]): string | null {
    const { maxFileBytes, maxTotalBytes } = this.limits;
    if (kind !== 'file') return kind;
    if (sizeBytes > maxFileBytes) return `larger than ${maxFileBytes} bytes`;
    if (this.totalBytes + sizeBytes > maxTotalBytes) return `more than ${maxTotalBytes} bytes in all`;
    const key = collisionKey(parts);
    if (this.seen.has(key)) return 'differs from another name only in case or accents';
    this.seen.add(key);
    return null;
  }
}

/** Reasons that both ways of reading give. */
export const refusals = {
  otherKind: 'there is something else of that name',
  taken: 'there is something of that name already',
  changed: 'changed while it was read',
} as const;
