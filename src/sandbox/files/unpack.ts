import { mkdir } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { extract, type Extract } from 'tar-stream';
import { SandboxError } from '../../base/errors.js';
import type { DownloadLimits, DownloadReport } from '../sandbox.js';
import { HostileDownload, refusals } from './hostile-download.js';

/** More than this is not read through to get past a file that is too large. */
const longestSkipBytes = 256 * 2 ** 20;

/** What the library hands on: it has null for a type that it does not know, which its own declaration leaves out. */
interface Header {
  readonly name: string;
  readonly type: string | null;
  readonly size: number;
  readonly mode: number;
  readonly linkname: string | null;
}

type Entry = Extract extends AsyncIterable<infer Source> ? Source : never;

/**
 * Writes the regular files of a tar below `hostDir`, which is created; the rest is listed with its reason. The first
 * component of every name (the base name of the folder that was read) is dropped, unless it names a file.
 */
export async function unpack(
  tar: Readable,
  hostDir: string,
  limits: DownloadLimits,
): Promise<DownloadReport> {
  const download = new HostileDownload(hostDir, limits);
  const entries = extract();
  // Heard from the first moment on: an archive that is none may have failed before the folder is there.
  const failures: Error[] = [];
  const fail = (error: Error): void => {
    failures.push(error);
    entries.destroy(error);
  };
  tar.on('error', fail);
  tar.on('close', () => {
    if (!tar.readableEnded) fail(new Error('it ended early'));
  });
  entries.on('error', () => undefined);
  await mkdir(hostDir, { recursive: true, mode: 0o700 });
  let isFirst = true;
  try {
    const [failure] = failures;
    if (failure !== undefined) throw failure;
    tar.pipe(entries);
    for await (const entry of entries) {
      if (!(await takeEntry(download, entry, isFirst))) break;
      isFirst = false;
    }
    await download.finish();
  } catch (error) {
    if (error instanceof SandboxError) throw error;
    throw new SandboxError('the archive that came from the sandbox is broken or could not be written', {
      cause: error,
    });
  } finally {
    tar.destroy();
  }
  return download.report;
}

/** Returns false when nothing after this entry should be read. */
async function takeEntry(download: HostileDownload, entry: Entry, isFirst: boolean): Promise<boolean> {
  const { name, size } = entry.header;
  const shown = withoutRoot(name, false);
  if (!download.hasRoom(shown)) return false;
  const reason = await reasonAgainst(download, entry, isFirst);
  if (reason === null) return true;
  const isTooLong = size > longestSkipBytes;
  download.refuse(shown, isTooLong ? `${reason}; what follows it was not read` : reason);
  if (!isTooLong) entry.resume();
  return !isTooLong;
}

/** Takes the entry out, or says why not. */
async function reasonAgainst(
  download: HostileDownload,
  entry: Entry,
  isFirst: boolean,
): Promise<string | null> {
  const { name, type, size, mode, linkname } = headerOf(entry);
  const kind = type === 'contiguous-file' ? 'file' : (type ?? 'unknown');
  const target = linkname ?? '';
  const judged = download.judge({
    name: withoutRoot(name, isFirst && kind === 'file'),
    kind,
    sizeBytes: size,
    target,
  });
  if ('reason' in judged && judged.reason !== null) return judged.reason;
  if (kind !== 'file') entry.resume();
  if ('reason' in judged) {
    entry.resume();
    return null;
  }
  const { parts } = judged;
  if (kind === 'directory') return (await download.makeFolder(parts, mode)) ? null : refusals.otherKind;
  if (!(await download.makeFolder(parts.slice(0, -1)))) return 'its folder is not a folder';
  if (kind === 'symlink') return (await download.makeLink(parts, target)) ? null : refusals.taken;
  if (kind === 'link')
    return (await download.makeHardLink(parts, withoutRoot(target, false)))
      ? null
      : 'a hard link to elsewhere';
  const isWritten = await download.writeFile(parts, mode, entry as AsyncIterable<Buffer>);
  return isWritten ? null : refusals.taken;
}

function withoutRoot(name: string, isRoot: boolean): string {
  if (isRoot || name.startsWith('/') || name.startsWith('../')) return name;
  const slash = name.indexOf('/');
  return slash === -1 ? (name === '..' ? name : '') : name.slice(slash + 1);
}

function headerOf(entry: Entry): Header {
  return entry.header;
}
