import { join } from 'node:path';
import type { TrialSummary } from '../record/trial-summary.js';
import { trialTurns, type JournalledTurn } from '../results/formats/atif/trial-turns.js';
import { readJournal } from '../results/read-journal.js';
import type { TurnTime } from '../score/noise/at-speed.js';

/** The turns of a trial of tbench with what each took; null where its journal is not there, or is of several steps. */
export async function readTurnTimes({ dir, steps }: TrialSummary): Promise<readonly TurnTime[] | null> {
  if (dir === null || steps !== undefined) return null;
  const journal = await readJournal(join(dir, 'agent', 'journal.jsonl'), dir).catch(() => null);
  const turns = trialTurns(journal?.entries ?? [])?.turns ?? [];
  return turns.length === 0 ? null : turns.map(timeOf);
}

function timeOf({ reply, result }: JournalledTurn): TurnTime {
  const commands = result?.commands ?? [];
  return {
    tokens: reply.usage.completion_tokens,
    modelMs: reply.timing.total_ms,
    commandsMs: commands.reduce((sum, command) => sum + command.duration_ms, 0),
    acts: result === null || commands.some(({ command }) => !onlySubmits.test(command)),
    isWhole: result !== null,
  };
}

/** A command that does nothing but say the harness's word for "done". */
const onlySubmits = /^\s*echo\s+["']?[A-Z_]+["']?\s*$/;
