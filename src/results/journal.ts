import { openForAppend } from './append-file.js';
import { writeError } from './write-file.js';
import type { JournalEntry } from '../record/journal-entry.js';
import type { Redact } from './redact.js';

/**
 * The append-only record of a trial (`agent/journal.jsonl`), flushed after every entry, from which
 * trajectory, timing and usage files are made. A kill -9 loses at most the turn in flight.
 */
export interface Journal {
  /** Appends one entry and returns when it is on disk. Throws `ResultsError` when the disk is full. */
  append(entry: JournalEntry): Promise<void>;
}

/** Longest string of an entry kept whole; a reply or an observation never comes near it on its own. */
const longestString = 512 * 1024;

/**
 * Opens the journal for appending; dispose it to close the file. `redact` runs over every line.
 * A torn last line of a dead process is cut off from what follows by a line break, never rewritten.
 */
export async function openJournal(
  path: string,
  redact: Redact = (text) => text,
): Promise<Journal & AsyncDisposable> {
  const file = await openForAppend(path);
  let queue = Promise.resolve();
  const write = async (line: string): Promise<void> => {
    try {
      await file.appendFile(line);
      await file.datasync();
    } catch (error) {
      throw writeError(path, error);
    }
  };
  return {
    append(entry) {
      const line = `${redact(JSON.stringify(entry, boundString))}\n`;
      const done = queue.then(() => write(line));
      queue = done.catch(() => undefined);
      return done;
    },
    async [Symbol.asyncDispose]() {
      await queue;
      await file.close();
    },
  };
}

function boundString(_key: string, value: unknown): unknown {
  if (typeof value !== 'string' || value.length <= longestString) return value;
  const half = longestString / 2;
  return `${value.slice(0, half)}\n[... ${value.length - longestString} characters left out of the journal ...]\n${value.slice(-half)}`;
}
