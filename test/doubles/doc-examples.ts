import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = new URL('../../', import.meta.url);
const library = new URL('src/index.ts', root).href;
const loader = import.meta.resolve('tsx');

/** The TypeScript examples of docs/api.md, in order. */
export function apiExamples(): string[] {
  const page = readFileSync(new URL('docs/api.md', root), 'utf8');
  return [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code ?? '');
}

/** Runs an example as a program of its own in `dir`, with the library's source as `tbench`; returns its stdout. */
export async function runExample(code: string, dir: string): Promise<string> {
  const file = join(dir, 'example.mts');
  writeFileSync(file, code.replaceAll("from 'tbench'", `from '${library}'`));
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', loader, file], { cwd: dir });
  return stdout;
}
