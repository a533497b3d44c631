import { dirname, relative } from 'node:path';
import { ResultsError } from '../base/errors.js';
import { readForeignFile } from '../base/foreign-file.js';
import { journalEntrySchema, type JournalEntry } from '../record/journal-entry.js';
import { maxConversationBytes } from './read-file.js';
import { parseJson } from '../base/json-value.js';

/** What a journal file holds, and which of its lines could not be read. */
export interface JournalContent {
  readonly entries: readonly JournalEntry[];
  /** Lines that are torn (a kill in the middle of a write), foreign or of a newer version: `line 7: ...`. */
  readonly skipped: readonly string[];
}

/**
 * Reads a journal; null when there is none. Unreadable lines are named and skipped, never fatal. No link is followed
 * below `root`. Throws `ResultsError` for what is no readable file.
 */
export async function readJournal(
  path: string,
  root: string = dirname(path),
): Promise<JournalContent | null> {
  const file = await readForeignFile(root, relative(root, path), { maxBytes: maxConversationBytes });
  if (file.kind === 'missing') return null;
  if (file.kind === 'refused') throw new ResultsError(`${path} ${file.reason}`);
  return parseJournal(file.value.toString('utf8'));
}

/** A journal has one torn line for each kill. A stranger's file of millions would take a minute, at 10 µs each. */
const mostUnreadable = 1_000;

/** The entries of a journal's text, in order. */
export function parseJournal(text: string): JournalContent {
  const entries: JournalEntry[] = [];
  const skipped: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    if (skipped.length === mostUnreadable) {
      skipped.push(`line ${index + 1} and all after it: too many lines before are unreadable`);
      break;
    }
    const parsed = parseLine(line);
    if (typeof parsed === 'string') skipped.push(`line ${index + 1}: ${parsed}`);
    else entries.push(parsed);
  }
  return { entries, skipped };
}

function parseLine(line: string): JournalEntry | string {
  const value = parseJson(line);
  if (value === undefined) return 'not JSON (torn by a crash?)';
  const entry = journalEntrySchema.safeParse(value);
  if (entry.success) return entry.data;
  const issue = entry.error.issues[0];
  return issue === undefined ? 'not an entry' : `${issue.path.join('.')}: ${issue.message}`;
}
