import { readFile } from 'node:fs/promises';
import { ResultsError } from '../base/errors.js';
import { journalEntrySchema, type JournalEntry } from '../record/journal-entry.js';

/** What a journal file holds, and which of its lines could not be read. */
export interface JournalContent {
  readonly entries: readonly JournalEntry[];
  /** Lines that are torn (a kill in the middle of a write), foreign or of a newer version: `line 7: ...`. */
  readonly skipped: readonly string[];
}

/** Reads a journal; null when there is none. Unreadable lines are named and skipped, never fatal. */
export async function readJournal(path: string): Promise<JournalContent | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new ResultsError(`cannot read ${path}: ${String(error)}`, { cause: error });
  }
  return parseJournal(text);
}

/** The entries of a journal's text, in order. */
export function parseJournal(text: string): JournalContent {
  const entries: JournalEntry[] = [];
  const skipped: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const parsed = parseLine(line);
    if (typeof parsed === 'string') skipped.push(`line ${index + 1}: ${parsed}`);
    else entries.push(parsed);
  }
  return { entries, skipped };
}

function parseLine(line: string): JournalEntry | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return 'not JSON (torn by a crash?)';
  }
  const entry = journalEntrySchema.safeParse(value);
  if (entry.success) return entry.data;
  const issue = entry.error.issues[0];
  return issue === undefined ? 'not an entry' : `${issue.path.join('.')}: ${issue.message}`;
}
