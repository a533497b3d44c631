import { privateModes } from '../../results/private-modes.js';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { excluder } from '../../sandbox/files/exclude-patterns.js';
import type { DownloadReport, FileStat, Sandbox } from '../../sandbox/sandbox.js';
import type { PlannedArtifact } from './artifact-plan.js';
import { manifestEntry, type ManifestEntry } from './manifest.js';

/** Where a sandbox's artifacts go, and how much of them. */
export interface KeepOptions {
  /** The trial's artifacts folder. */
  readonly dir: string;
  /** Bytes that this artifact may have; a larger one is not kept. */
  readonly maxBytes: number;
  /** What sets that limit, in words. */
  readonly limitedBy: string;
  readonly onBytes: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** What was kept of one artifact. */
export interface Kept {
  readonly entry: ManifestEntry;
  readonly sizeBytes: number;
}

/** The detail of an artifact that the agent did not make. */
export const nothingThere = 'there is nothing';

const maxEntries = 200_000;
const mostLinks = 16;

/**
 * Brings one artifact to the host. Best effort by contract: one that is missing, too large or cannot be read is written down as
 * failed, with the reason, and never fails the trial. What may not come out (devices, links that lead out) is left out.
 */
export async function keepArtifact(
  sandbox: Pick<Sandbox, 'stat' | 'download'>,
  planned: PlannedArtifact,
  options: KeepOptions,
): Promise<Kept> {
  const lost = (detail: string, type: ManifestEntry['type'] = 'file'): Kept => ({
    entry: manifestEntry(planned, { type, status: 'failed', detail }),
    sizeBytes: 0,
  });
  try {
    const found = await follow(sandbox, planned.path, options.signal);
    if (found === null) return lost(nothingThere);
    const type = found.stat.kind === 'directory' ? 'directory' : 'file';
    const { report, sizeBytes } = await bring(sandbox, planned, { ...options, path: found.path, type });
    if (report === null) return lost(nothingThere);
    if (report.exceeded !== null) return lost(`not kept: ${report.exceeded} (${options.limitedBy})`, type);
    return { entry: manifestEntry(planned, describe(planned, type, report)), sizeBytes };
  } catch (error) {
    options.signal.throwIfAborted();
    return lost(error instanceof Error ? error.message : String(error));
  }
}

/** Harbor gives up on an artifact with `exclude` at a link that leads out; what was left out is always told. */
function describe(
  { artifact }: PlannedArtifact,
  type: ManifestEntry['type'],
  { files, refused }: DownloadReport,
): Pick<ManifestEntry, 'type' | 'status'> & { readonly detail: string | null } {
  const leftOut = refused.map(({ path, reason }) => `${path} (${reason})`);
  const shown = `${leftOut.slice(0, 10).join(', ')}${leftOut.length > 10 ? `, and ${leftOut.length - 10} more` : ''}`;
  const gaveUp = artifact.exclude.length > 0 && refused.some(({ reason }) => reason.startsWith('a link'));
  const isEmpty = files.length === 0 && type === 'directory';
  const nothing = type === 'file' && files.length === 0;
  return {
    type,
    status: gaveUp || nothing ? 'failed' : isEmpty ? 'empty' : 'ok',
    detail: leftOut.length === 0 ? null : `left out: ${shown}`,
  };
}

/** The entry that a path stands for, links followed inside the sandbox; null when there is none. */
async function follow(
  sandbox: Pick<Sandbox, 'stat'>,
  start: string,
  signal: AbortSignal,
): Promise<{ readonly path: string; readonly stat: FileStat } | null> {
  let path = start;
  for (let links = 0; links < mostLinks; links += 1) {
    const stat = await sandbox.stat(path, signal);
    if (stat === null) return null;
    if (stat.kind !== 'symlink') return { path, stat };
    path = posix.resolve(dirname(path), stat.linkTarget ?? '');
  }
  return null;
}

/** Downloads beside the artifact's place and moves it there when it is whole. */
async function bring(
  sandbox: Pick<Sandbox, 'download'>,
  { artifact, place }: PlannedArtifact,
  options: KeepOptions & { readonly path: string; readonly type: ManifestEntry['type'] },
): Promise<{ readonly report: DownloadReport | null; readonly sizeBytes: number }> {
  const incoming = join(options.dir, '.incoming');
  await rm(incoming, { recursive: true, force: true });
  const { maxBytes, onBytes } = options;
  const except = options.type === 'file' ? {} : { except: excluder(artifact.exclude) };
  const limits = {
    maxEntries,
    maxFileBytes: maxBytes,
    maxTotalBytes: maxBytes,
    faithful: true,
    onBytes,
    ...except,
  };
  try {
    const report = await sandbox.download(options.path, incoming, limits, options.signal);
    if (report === null || report.exceeded !== null) return { report, sizeBytes: 0 };
    const from = options.type === 'directory' ? incoming : join(incoming, report.files[0]?.path ?? '');
    const to = join(options.dir, place);
    if (options.type === 'directory' || report.files.length > 0) {
      await mkdir(dirname(to), { recursive: true, mode: privateModes.folder });
      await rename(from, to);
    }
    return { report, sizeBytes: report.files.reduce((sum, file) => sum + file.sizeBytes, 0) };
  } finally {
    await rm(incoming, { recursive: true, force: true });
  }
}
