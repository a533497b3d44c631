import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = ['docs/architecture.md', 'AGENTS.md', 'CONTRIBUTING.md'];

/** Paths of the repository that a page names in code marks; patterns and places to fill in are none. */
function namedPaths(text: string): string[] {
  const marked = [...text.matchAll(/`([^`\n]+)`/g)].map(([, path = '']) => path);
  return marked.filter((path) => /^(\.ci|src|test|scripts|docs|harness|tasks)\/[^<*\s]*$/.test(path));
}

test.each(pages)('every path that %s names exists', (page) => {
  const paths = namedPaths(readFileSync(join(root, page), 'utf8'));
  expect(paths.length).toBeGreaterThan(0);
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('each question of docs/architecture.md is answered by a path', async () => {
  const text = await readFile(join(root, 'docs/architecture.md'), 'utf8');
  const section = text.slice(text.indexOf('## Where is it?'), text.indexOf('## The interface'));
  const rows = section.split('\n').filter((line) => /^\| (Where|Which|What|Who|How) /.test(line));
  expect(rows.length).toBeGreaterThanOrEqual(15);
  expect(rows.filter((row) => namedPaths(row).length === 0)).toEqual([]);
});

test('docs/decisions/README.md lists every page beside it', async () => {
  const index = await readFile(join(root, 'docs/decisions/README.md'), 'utf8');
  const pages = (await readdir(join(root, 'docs/decisions'))).filter((name) => name !== 'README.md');
  expect(pages.filter((name) => !index.includes(`(${name})`))).toEqual([]);
});

test('every folder of src/ stands on one floor of docs/architecture.md', async () => {
  const text = await readFile(join(root, 'docs/architecture.md'), 'utf8');
  const entries = await readdir(join(root, 'src'), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const listed = [...text.matchAll(/^\| \d \| `(\w+)\/` \|/gm)].map(([, name]) => name);
  expect(listed.sort()).toEqual(folders.sort());
});
