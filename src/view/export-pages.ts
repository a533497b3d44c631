import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { posix } from 'node:path';
import { Hono } from 'hono';
import { InputError } from '../base/errors.js';
import { addresses } from './address.js';
import { openJobShelf } from './job-shelf.js';
import { loadAssets } from './server/asset-files.js';
import { addRoutes } from './server/routes.js';

export interface ExportOptions {
  /** Folder of jobs, or one job's. */
  readonly results: string;
  /** Where the pages are written: a new folder, or one of an earlier export. */
  readonly dir: string;
  readonly signal: AbortSignal;
}

export interface Exported {
  readonly files: number;
  readonly bytes: number;
  /** Links that were left out because there were too many. */
  readonly leftOut: number;
}

const mostFiles = 50_000;

/**
 * Writes every page that can be reached from the list of jobs as a file under its address: the same pages as
 * `tbench view` serves, readable from disk and from any web server. Throws `InputError` for a folder of other files.
 */
export async function exportPages({ results, dir, signal }: ExportOptions): Promise<Exported> {
  await requireOwnFolder(dir);
  const app = new Hono();
  const shelf = openJobShelf(results);
  addRoutes(app, { shelf, assets: loadAssets(), results, isServed: false, turns: new Map() });
  const waiting = [addresses.jobs];
  const known = new Set(waiting);
  let [files, bytes, leftOut] = [0, 0, 0];
  for (let address = waiting.shift(); address !== undefined; address = waiting.shift()) {
    signal.throwIfAborted();
    const answer = await app.request(`/${address}`);
    if (answer.status !== 200) continue;
    const text = await answer.text();
    const path = join(dir, address);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    files += 1;
    bytes += Buffer.byteLength(text);
    if (!address.endsWith('.html')) continue;
    for (const link of linksOf(text, address)) {
      if (known.has(link)) continue;
      if (known.size >= mostFiles) leftOut += 1;
      else {
        known.add(link);
        waiting.push(link);
      }
    }
  }
  return { files, bytes, leftOut };
}

/** Addresses that a page of ours leads to. Its links are made of letters that need no decoding. */
export function linksOf(page: string, address: string): string[] {
  return [...page.matchAll(/<(?:a|link|script)\b[^>]*?\b(?:href|src)="([^"#]+)(?:#[^"]*)?"/g)]
    .map(([, link = '']) => posix.join(posix.dirname(address), link))
    .filter((link) => /^[\w.@~,/-]+\.(html|txt|css|js)$/.test(link) && !link.startsWith('..'));
}

/** An export is written over an earlier one, never among files of another kind. */
async function requireOwnFolder(dir: string): Promise<void> {
  const names: readonly string[] = await readdir(dir).catch(() => []);
  if (names.length > 0 && !names.includes(addresses.jobs))
    throw new InputError(`${dir} holds other files; the pages are written to a folder of their own`, {
      hint: 'Name a folder that does not exist yet, or one of an earlier export.',
    });
}
