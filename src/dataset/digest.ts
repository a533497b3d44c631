import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { TaskError } from '../base/errors.js';
import { openForeignFile } from '../base/foreign-file.js';
import { unpackaged } from './ignore/ignored-files.js';
import { listFiles, type FoundFile } from './task-files.js';

/** Root files that belong to a published package, beside the folders below. */
const packageFiles = new Set(['task.toml', 'instruction.md', 'README.md', 'trajectory.json']);
const packageFolders = ['environment/', 'tests/', 'solution/', 'steps/'];

/**
 * `sha256:<hex>` over the packaged paths: the digest of dataset.toml and of lock.json. What .gitignore (or, without one,
 * Harbor's default list) and .harborignore leave out does not count.
 */
export async function packageDigest(dir: string): Promise<string> {
  return digestOf(await hashFiles(dir));
}

/** Bare hex over every file (the dirhash protocol): `task_checksum` of a trial's result.json. */
export async function taskChecksum(dir: string): Promise<string> {
  return treeChecksum(await hashFiles(dir));
}

/** Both hashes of a task folder, reading it once. Empty folders and permissions count in neither. */
export async function taskDigests(
  dir: string,
): Promise<{ readonly digest: string; readonly checksum: string }> {
  const hashes = await hashFiles(dir);
  return { digest: digestOf(hashes), checksum: treeChecksum(hashes) };
}

/** One digest for a set of tasks: name NUL digest newline for each, sorted by the name's bytes, hashed. */
export function datasetDigest(tasks: readonly { readonly name: string; readonly digest: string }[]): string {
  const sorted = [...tasks].sort((a, b) => compareText(a.name, b.name));
  return `sha256:${sha256(sorted.map(({ name, digest }) => `${name}\0${digest}\n`).join(''))}`;
}

async function hashFiles(dir: string): Promise<FileHash[]> {
  const hashes: FileHash[] = [];
  const isUnpackaged = await unpackaged(dir);
  for (const file of await listFiles(dir))
    hashes.push({
      path: file.path,
      sha256: await hashFile(file),
      isPackaged: isPackagedPath(file.path) && !(await isUnpackaged(file)),
    });
  return hashes;
}

type TreeHash = Pick<FileHash, 'path' | 'sha256'>;

interface FileHash {
  readonly path: string;
  readonly sha256: string;
  readonly isPackaged: boolean;
}

function isPackagedPath(path: string): boolean {
  return packageFiles.has(path) || packageFolders.some((folder) => path.startsWith(folder));
}

/** path NUL sha256 newline for each packaged file, sorted by the path's bytes, hashed. */
function digestOf(hashes: readonly FileHash[]): string {
  const packaged = hashes.filter(({ isPackaged }) => isPackaged).sort((a, b) => compareText(a.path, b.path));
  return `sha256:${sha256(packaged.map((file) => `${file.path}\0${file.sha256}\n`).join(''))}`;
}

/** dirhash: one descriptor an entry, descriptors sorted, joined by two NULs, hashed; folders recursively. */
function treeChecksum(hashes: readonly TreeHash[]): string {
  const files = hashes.filter(({ path }) => !path.includes('/'));
  const folders = groupByFolder(hashes);
  const descriptors = [
    ...files.map((file) => `data:${file.sha256}\0name:${file.path}`),
    ...[...folders].map(([name, inner]) => `dirhash:${treeChecksum(inner)}\0name:${name}`),
  ];
  return sha256(descriptors.sort(compareText).join('\0\0'));
}

function groupByFolder(hashes: readonly TreeHash[]): Map<string, TreeHash[]> {
  const folders = new Map<string, TreeHash[]>();
  for (const { path, sha256: hash } of hashes) {
    const slash = path.indexOf('/');
    if (slash < 0) continue;
    const name = path.slice(0, slash);
    const inner = folders.get(name) ?? [];
    inner.push({ path: path.slice(slash + 1), sha256: hash });
    folders.set(name, inner);
  }
  return folders;
}

/** Code point order, as the formulas' first implementations sort (UTF-16 order differs above U+FFFF). */
function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

async function hashFile(file: FoundFile): Promise<string> {
  const hash = createHash('sha256');
  // listFiles has judged where a link leads.
  const real = await realpath(file.absolute);
  const found = await openForeignFile(path.dirname(real), path.basename(real));
  if (found.kind !== 'file')
    throw new TaskError(`${file.absolute}: it ${found.kind === 'missing' ? 'is gone' : found.reason}`);
  await using handle = found.value;
  await pipeline(handle.createReadStream({ autoClose: false }), hash);
  return hash.digest('hex');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
