import {
  lastBeginning,
  type JournalEntry,
  type ReplyEntry,
  type StartEntry,
  type TurnEntry,
} from '../../../record/journal-entry.js';

/** A trial's journal in the order it happened: each answer with what came of it. */
export interface TrialTurns {
  readonly start: StartEntry;
  readonly turns: readonly JournalledTurn[];
  readonly end: Extract<JournalEntry, { kind: 'end' }> | null;
}

export interface JournalledTurn {
  readonly reply: ReplyEntry;
  /** Null for a turn the trial did not live to finish. */
  readonly result: TurnEntry | null;
}

/** Orders a journal's entries; null when it has no beginning. Where a trial was begun anew, the last one counts. */
export function trialTurns(entries: readonly JournalEntry[]): TrialTurns | null {
  const { start, since } = lastBeginning(entries);
  if (start === null) return null;
  const results = new Map(since.flatMap((entry) => (entry.kind === 'turn' ? [[entry.turn, entry]] : [])));
  return {
    start,
    turns: since.flatMap((entry) =>
      entry.kind === 'reply' ? [{ reply: entry, result: results.get(entry.turn) ?? null }] : [],
    ),
    end: since.findLast((entry) => entry.kind === 'end') ?? null,
  };
}
