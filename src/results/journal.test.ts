import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JournalEntry } from '../record/journal-entry.js';
import { openJournal } from './journal.js';
import { parseJournal, readJournal } from './read-journal.js';

let dir: string;
let path: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tbench-journal-'));
  path = join(dir, 'agent', 'journal.jsonl');
});
afterEach(async () => rm(dir, { recursive: true, force: true }));

const end = (detail: string): JournalEntry => ({
  kind: 'end',
  at: '2026-01-01T00:00:00.000Z',
  ending: 'finished',
  detail,
  totals: { turns: 1 },
});

describe('the journal', () => {
  test('is on disk when append returns, before it is closed', async () => {
    await using journal = await openJournal(path);
    await journal.append(end('a'));
    expect((await readJournal(path))?.entries).toEqual([end('a')]);
  });

  test('keeps the order of appends that were not awaited', async () => {
    await using journal = await openJournal(path);
    await Promise.all(['a', 'b', 'c'].map((detail) => journal.append(end(detail))));
    expect((await readJournal(path))?.entries).toEqual([end('a'), end('b'), end('c')]);
  });

  test('redacts what it writes', async () => {
    await using journal = await openJournal(path, (text) => text.replaceAll('hunter2', '[redacted]'));
    await journal.append(end('key hunter2'));
    expect(await readFile(path, 'utf8')).not.toContain('hunter2');
  });

  test('bounds a string of any length and says so', async () => {
    await using journal = await openJournal(path);
    await journal.append(end('x'.repeat(5_000_000)));
    const text = await readFile(path, 'utf8');
    expect(text.length).toBeLessThan(600_000);
    expect(text).toContain('4475712 characters left out');
  });

  test('names a torn last line, keeps the others, and goes on after it', async () => {
    {
      await using journal = await openJournal(path);
      await journal.append(end('a'));
    }
    await appendFile(path, '{"kind":"end","at":"2026');
    expect(await readJournal(path)).toEqual({
      entries: [end('a')],
      skipped: ['line 2: not JSON (torn by a crash?)'],
    });
    await using journal = await openJournal(path);
    await journal.append(end('b'));
    expect((await readJournal(path))?.entries).toEqual([end('a'), end('b')]);
  });

  test('is nothing where there is no file', async () => {
    expect(await readJournal(join(dir, 'none.jsonl'))).toBeNull();
  });

  test('names the field of a foreign line', () => {
    const { skipped } = parseJournal(
      '{"kind":"end","at":3,"ending":"finished","detail":null,"totals":{}}\n{"kind":"odd"}\n',
    );
    expect(skipped).toEqual([expect.stringContaining('line 1: at'), expect.stringContaining('line 2: kind')]);
  });

  test('fails with the file named where it cannot be written', async () => {
    await writeFile(join(dir, 'agent'), 'a file');
    await expect(openJournal(path)).rejects.toThrow(/cannot write .*journal\.jsonl/);
  });
});
