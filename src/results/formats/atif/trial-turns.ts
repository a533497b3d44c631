import type { JournalEntry, ReplyEntry, StartEntry, TurnEntry } from '../../../record/journal-entry.js';

/** A trial's journal in the order it happened: each answer with what came of it. */
export interface TrialTurns {
  readonly start: StartEntry;
  readonly turns: readonly RecordedTurn[];
  readonly end: Extract<JournalEntry, { kind: 'end' }> | null;
}

export interface RecordedTurn {
  readonly reply: ReplyEntry;
  /** Null for a turn the trial did not live to finish. */
  readonly result: TurnEntry | null;
}

/** Orders a journal's entries; null when it has no beginning. Where a trial was begun anew, the last one counts. */
export function trialTurns(entries: readonly JournalEntry[]): TrialTurns | null {
  const first = entries.findLastIndex((entry) => entry.kind === 'start');
  const start = entries[first];
  if (start?.kind !== 'start') return null;
  const since = entries.slice(first + 1);
  const results = new Map(since.flatMap((entry) => (entry.kind === 'turn' ? [[entry.turn, entry]] : [])));
  return {
    start,
    turns: since.flatMap((entry) =>
      entry.kind === 'reply' ? [{ reply: entry, result: results.get(entry.turn) ?? null }] : [],
    ),
    end: since.findLast((entry) => entry.kind === 'end') ?? null,
  };
}

/** Null when the server never said. */
export function sumOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}
