import type { JournalEntry } from '../../../record/journal-entry.js';
import { readJournal } from '../../read-journal.js';
import { renderTiming } from './timing.js';
import { renderTrajectory } from './trajectory.js';
import { trialTurns } from './trial-turns.js';
import type { TrialStore } from '../../trial-store.js';
import { renderUsage } from './usage.js';

/**
 * Makes a trial's agent files from its journal: trajectory.json, timing.json and usage.json of a model,
 * oracle.txt (and exit-code.txt, when it is not 0) of the reference solution. Returns the journal's lines
 * that could not be read. Throws `ResultsError`.
 */
export async function writeAgentFiles(
  store: Pick<TrialStore, 'paths' | 'writeAgentFile'>,
): Promise<readonly string[]> {
  const journal = await readJournal(store.paths.journal, store.paths.dir);
  if (journal === null) return [];
  for (const [name, text] of renderAgentFiles(journal.entries)) await store.writeAgentFile(name, text);
  return journal.skipped;
}

/** Name and text of every agent file that a journal gives rise to. Pure. */
export function renderAgentFiles(entries: readonly JournalEntry[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const trial = trialTurns(entries);
  const trajectory = trial === null ? null : renderTrajectory(trial);
  if (trial !== null && trajectory !== null) {
    files.set('trajectory.json', json(trajectory));
    files.set('timing.json', json(renderTiming(trial)));
    files.set('usage.json', json(renderUsage(trial)));
  }
  const oracle = entries.findLast((entry) => entry.kind === 'oracle');
  if (oracle !== undefined) {
    files.set('oracle.txt', oracle.output);
    if (oracle.exit_code !== 0) files.set('exit-code.txt', `${oracle.exit_code}\n`);
  }
  return files;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
