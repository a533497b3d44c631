import { isDeepStrictEqual } from 'node:util';
import type { JournalEntry } from '../../record/journal-entry.js';
import type { Journal } from '../../results/journal.js';
import type { Redact } from '../../results/redact.js';
import { CannotResumeError } from './cannot-resume.js';

/**
 * A journal that has entries already: an agent that is told again what it was told writes them again, and they must be the same.
 * What comes after them is appended.
 */
export function checkedJournal(
  journal: Journal,
  earlier: readonly JournalEntry[],
  redact: Redact,
): Journal & { readonly isThrough: () => boolean } {
  let seen = 0;
  return {
    isThrough: () => seen >= earlier.length,
    async append(entry) {
      const known = earlier[seen];
      if (known === undefined) return journal.append(entry);
      seen += 1;
      if (!isDeepStrictEqual(withoutTime(JSON.parse(redact(JSON.stringify(entry)))), withoutTime(known)))
        throw new CannotResumeError(
          `entry ${seen} of the journal (${known.kind}) is not what the trial comes to`,
        );
    },
  };
}

/** When it was written is the one thing in which an entry may differ. */
function withoutTime(entry: unknown): unknown {
  return JSON.parse(JSON.stringify({ ...(entry as JournalEntry), at: '' }));
}
