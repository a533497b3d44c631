import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { exportPages, linksOf } from './export-pages.js';

const golden = fileURLToPath(new URL('../../test/fixtures/golden-0.1.0', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'tbench-export-'));
const { signal } = new AbortController();
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it('writes every page under its address, and no link that leads nowhere', { timeout: 60_000 }, async () => {
  const [results, out] = [join(dir, 'results'), join(dir, 'out')];
  for (const job of ['oracle', 'interrupted'])
    cpSync(join(golden, job), join(results, job), { recursive: true });
  const { files, leftOut } = await exportPages({ results, dir: out, signal });
  expect(files).toBeGreaterThan(40);
  expect(leftOut).toBe(0);
  const seen = new Set<string>();
  const check = (address: string): void => {
    if (seen.has(address)) return;
    seen.add(address);
    expect(existsSync(join(out, address)), address).toBe(true);
    if (!address.endsWith('.html')) return;
    const page = readFileSync(join(out, address), 'utf8');
    expect(page).not.toMatch(/data-live="|<form class="jobs-form"[^>]*>.*<button type="submit">/);
    for (const link of linksOf(page, address)) check(link);
  };
  check('index.html');
  expect(seen.size).toBe(files);
  expect(seen).toContain('compare/interrupted,oracle.html');
});

it('writes among no other files', async () => {
  mkdirSync(join(dir, 'mine'));
  writeFileSync(join(dir, 'mine', 'thesis.tex'), '');
  await expect(exportPages({ results: golden, dir: join(dir, 'mine'), signal })).rejects.toThrow(
    'holds other files',
  );
});
