import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openForeignFile } from '../../base/foreign-file.js';

/** More than a task may keep. A file with holes says any size, and reading it would take hours. */
const mostFileBytes = 16 * 2 ** 30;

/** Folders whose content is one digest: what a task, its agent or earlier tries left may be thousands of files. */
const heaps = new Set(['artifacts', 'services', 'tries']);

/**
 * SHA-256 of every file below `dir` by its path; of a heap (`artifacts/` ...) one over paths and digests of all in it. A
 * link or device has its kind in place of a digest: it is not followed, and one that appears is a change too.
 */
export async function digestFiles(dir: string): Promise<Record<string, string>> {
  const found: [string, string][] = [];
  for (const path of await pathsBelow(dir)) found.push([path, await digestFile(dir, path)]);
  const digests: Record<string, string> = {};
  const gathered = new Map<string, string[]>();
  for (const [path, digest] of found) {
    const parts = path.split('/');
    const heap = parts.findIndex((part, at) => at < parts.length - 1 && heaps.has(part));
    if (heap < 0) digests[path] = digest;
    else {
      const name = `${parts.slice(0, heap + 1).join('/')}/`;
      const lines = gathered.get(name) ?? [];
      lines.push(`${path}\0${digest}\n`);
      gathered.set(name, lines);
    }
  }
  for (const [name, lines] of gathered)
    digests[name] = createHash('sha256').update(lines.join('')).digest('hex');
  return digests;
}

/** The files directly in `dir`. */
export async function digestOwnFiles(
  dir: string,
  except: ReadonlySet<string>,
): Promise<Record<string, string>> {
  const entries = await readdir(dir, { withFileTypes: true });
  const names = entries
    .filter((entry) => !entry.isDirectory() && !except.has(entry.name))
    .map(({ name }) => name)
    .sort();
  const digests: Record<string, string> = {};
  for (const name of names) digests[name] = await digestFile(dir, name);
  return digests;
}

/** Every file below a folder, however deep it lies; links are not followed. Sorted. */
async function pathsBelow(root: string): Promise<string[]> {
  const paths: string[] = [];
  const folders = [''];
  for (let under = folders.pop(); under !== undefined; under = folders.pop())
    for (const entry of await readdir(join(root, under), { withFileTypes: true })) {
      const path = under === '' ? entry.name : `${under}/${entry.name}`;
      if (entry.isDirectory()) folders.push(path);
      else paths.push(path);
    }
  return paths.sort();
}

async function digestFile(root: string, path: string): Promise<string> {
  const file = await openForeignFile(root, path);
  if (file.kind !== 'file') return file.kind === 'missing' ? 'missing' : file.reason;
  await using handle = file.value;
  const { size } = await handle.stat();
  if (size > mostFileBytes) return `has ${size} bytes, more than the ${mostFileBytes} that are read`;
  const hash = createHash('sha256');
  for await (const chunk of handle.createReadStream({ autoClose: false })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
