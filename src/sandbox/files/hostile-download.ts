import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, link, lstat, mkdir, open, rm, symlink, type FileHandle } from 'node:fs/promises';
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
  /** Of a symlink. */
  readonly target?: string;
}

/** Where an entry may go, as names below the host's folder; or why it may not come out: null for one that nobody wants. */
type Judgement = { readonly parts: readonly string[] } | { readonly reason: string | null };

const zeros = Buffer.alloc(1024 * 1024);

const newFile = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const takenCodes = ['EEXIST', 'ELOOP', 'ENOTDIR'];

/**
 * The one judge of what a sandbox's files may do to the host: only plain files and folders come out, each file new, none
 * through a link, none outside `hostDir`, nothing beyond the limits. Whatever is refused is listed with the reason.
 */
export class HostileDownload {
  private readonly files: { path: string; sizeBytes: number; sha256: string }[] = [];
  private readonly refused: { path: string; reason: string }[] = [];
  /** The paths of `files`. */
  private readonly written = new Set<string>();
  private readonly seen = new Set<string>();
  private readonly folders = new Set<string>();
  private readonly folderModes = new Map<string, number>();
  private exceeded: string | null = null;
  private entryCount = 0;
  private totalBytes = 0;

  constructor(
    private readonly hostDir: string,
    readonly limits: DownloadLimits,
  ) {}

  get report(): DownloadReport {
    return { exceeded: this.exceeded, files: this.files, refused: this.refused };
  }

  /** Counts an entry. False when there are too many: nothing after it should be read. */
  hasRoom(path: string): boolean {
    this.entryCount += 1;
    const { maxEntries } = this.limits;
    if (this.entryCount === maxEntries + 1)
      this.refuse(path, `${this.exceed(`more than ${maxEntries} entries`)}; the rest was not read`);
    return this.entryCount <= maxEntries;
  }

  judge(entry: DownloadEntry): Judgement {
    const place = safeName(entry.name);
    if (place.kind === 'refused') return place;
    if (this.isLeftOut(entry.name)) return { reason: null };
    const reason = entry.kind === 'directory' ? null : this.problemOf(entry, place.parts);
    return reason === null ? { parts: place.parts } : { reason };
  }

  /** Creates a folder and what is missing above it; false when something on the way is not a folder. */
  async makeFolder(parts: readonly string[], mode: number | null = null): Promise<boolean> {
    let folder = this.hostDir;
    for (const part of parts) {
      folder = join(folder, part);
      if (this.folders.has(folder)) continue;
      await ignoring(takenCodes, mkdir(folder, 0o700));
      if (!(await lstat(folder)).isDirectory()) return false;
      this.folders.add(folder);
    }
    if (mode !== null && this.limits.faithful === true) this.folderModes.set(folder, mode);
    return true;
  }

  /** Gives the folders that were named their permission bits, once nothing more is written into them. */
  async finish(): Promise<void> {
    for (const [folder, mode] of this.folderModes) await chmod(folder, (mode & 0o777) | 0o700);
  }

  /** Writes a file that was judged; false when there is something of that name already. */
  async writeFile(parts: readonly string[], mode: number, blocks: AsyncIterable<Buffer>): Promise<boolean> {
    const path = join(this.hostDir, ...parts);
    const file = await ignoring(takenCodes, open(path, newFile, 0o600 | (mode & 0o100)));
    if (file === null) return false;
    const { faithful = false } = this.limits;
    const hash = createHash('sha256');
    let sizeBytes = 0;
    try {
      for await (const block of blocks) {
        if (!faithful) hash.update(block);
        const isHole = faithful && block.equals(zeros.subarray(0, block.length));
        if (!isHole) await writeAt(file, block, sizeBytes);
        sizeBytes += block.length;
        this.tell(sizeBytes);
      }
      if (faithful) await file.truncate(sizeBytes);
      if (faithful) await file.chmod((mode & 0o777) | 0o600);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    this.totalBytes += sizeBytes;
    this.written.add(parts.join('/'));
    this.files.push({ path: parts.join('/'), sizeBytes, sha256: faithful ? '' : hash.digest('hex') });
    return true;
  }

  /** Makes a link that was judged; false when there is something of that name already. */
  async makeLink(parts: readonly string[], target: string): Promise<boolean> {
    return (
      (await ignoring(
        takenCodes,
        symlink(target, join(this.hostDir, ...parts)).then(() => true),
      )) ?? false
    );
  }

  /** Makes a second name for a file that came out before; false when that is not so. */
  async makeHardLink(parts: readonly string[], existing: string): Promise<boolean> {
    const place = safeName(existing);
    if (place.kind === 'refused' || !this.written.has(place.parts.join('/'))) return false;
    const made = link(join(this.hostDir, ...place.parts), join(this.hostDir, ...parts)).then(() => true);
    return (await ignoring([...takenCodes, 'ENOENT'], made)) ?? false;
  }

  refuse(path: string, reason: string): void {
    this.refused.push({ path, reason });
  }

  private problemOf(entry: DownloadEntry, parts: readonly string[]): string | null {
    const { maxFileBytes, maxTotalBytes, faithful } = this.limits;
    const { kind, sizeBytes } = entry;
    if (faithful === true && kind === 'symlink') return linkProblem(entry.target ?? '', parts.length - 1);
    if (faithful === true && kind === 'link') return null;
    if (kind !== 'file') return kind;
    if (sizeBytes > maxFileBytes) return this.exceed(`larger than ${maxFileBytes} bytes`);
    if (this.totalBytes + sizeBytes > maxTotalBytes)
      return this.exceed(`more than ${maxTotalBytes} bytes in all`);
    const key = faithful === true ? parts.join('/') : collisionKey(parts);
    if (this.seen.has(key)) return 'differs from another name only in case or accents';
    this.seen.add(key);
    return null;
  }

  private exceed(limit: string): string {
    this.exceeded ??= limit;
    return limit;
  }

  /** Itself or a folder that it lies in. */
  private isLeftOut(name: string): boolean {
    const { except } = this.limits;
    if (except === undefined) return false;
    const parts = name.split('/').filter((part) => part !== '' && part !== '.');
    return parts.some((_, index) => except(parts.slice(0, index + 1).join('/')));
  }

  private tell(sizeBytes: number): void {
    this.limits.onBytes?.(this.totalBytes + sizeBytes);
  }
}

/** `write` may take less than it is given. */
async function writeAt(file: FileHandle, block: Buffer, position: number): Promise<void> {
  for (let done = 0; done < block.length;)
    done += (await file.write(block, done, block.length - done, position + done)).bytesWritten;
}

/**
 * Why a link in a folder this deep does not stay inside: it is absolute, climbs too high, or climbs after it has gone down,
 * which another link could turn into a way out. Its own folders are real ones, made by us.
 */
function linkProblem(target: string, depth: number): string | null {
  const parts = target.split('/').filter((part) => part !== '' && part !== '.');
  const climbs = parts.findIndex((part) => part !== '..');
  const first = climbs < 0 ? parts.length : climbs;
  const leaves = target === '' || target.startsWith('/') || target.includes('\0') || first > depth;
  return leaves || parts.slice(first).includes('..') ? 'a link that may leave its folder' : null;
}

/** Reasons that both ways of reading give. */
export const refusals = {
  otherKind: 'there is something else of that name',
  taken: 'there is something of that name already',
  changed: 'changed while it was read',
} as const;
