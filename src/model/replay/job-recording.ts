import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { lastBeginning, type JournalEntry, type ReplyEntry } from '../../record/journal-entry.js';
import { readJournal } from '../../results/read-journal.js';
import { isFinal } from '../retry/classify-failure.js';
import type { RecordedAnswer, RecordedTask, RecordedTrial, RecordedTurn, Recording } from './recording.js';

/** What a journal says that a replay needs. */
export interface JournalRecording {
  readonly task: string;
  readonly attempt: number;
  readonly model: string;
  readonly trial: RecordedTrial;
}

/**
 * Loads the recorded trials of a job folder from their journals (`<trial>/agent/journal.jsonl`). Trials without
 * one, or whose journal cannot be read, are left out: asking for them is then a clear error of that trial.
 */
export async function loadJobRecording(dir: string): Promise<Recording> {
  const tasks = new Map<string, RecordedTask & { attempts: Map<number, RecordedTrial> }>();
  let model: string | null = null;
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const read = await readJournal(join(dir, entry.name, 'agent', 'journal.jsonl'), dir).catch(() => null);
    const journal = read === null ? null : recordingOf(read.entries);
    if (journal === null) continue;
    model ??= journal.model;
    const task = tasks.get(journal.task) ?? { attempts: new Map<number, RecordedTrial>(), cycles: false };
    task.attempts.set(journal.attempt, journal.trial);
    tasks.set(journal.task, task);
  }
  return { kind: 'replay', source: dir, model, tasks };
}

/** The turns of one journal; null when it has none of a model. When a trial was begun anew, the last beginning counts. */
export function recordingOf(entries: readonly JournalEntry[]): JournalRecording | null {
  const { start, since } = lastBeginning(entries);
  if (start === null || start.model === null) return null;
  const outgrown = since.some((entry) => entry.kind === 'end' && entry.ending === 'token-budget');
  return {
    task: start.task,
    attempt: start.attempt,
    model: start.model,
    trial: {
      prompt: start.messages.map((message) => message.content),
      turns: turnsOf(since),
      overflowTokens: outgrown ? (start.budget?.total_tokens ?? null) : null,
    },
  };
}

function turnsOf(entries: readonly JournalEntry[]): readonly RecordedTurn[] {
  const after = new Map(
    entries.flatMap((entry) =>
      entry.kind === 'turn' ? [[entry.turn, entry.messages.map(({ content }) => content)] as const] : [],
    ),
  );
  return entries.flatMap((entry): RecordedTurn[] => {
    if (entry.kind === 'reply')
      return [{ answer: answerOf(entry), observations: after.get(entry.turn) ?? null }];
    // An outage says nothing of the model and is not replayed; a request that the server refused for good is.
    if (entry.kind !== 'failure' || entry.status === null || !isFinal(entry.class)) return [];
    return [
      { answer: { kind: 'failure', status: entry.status, message: entry.message }, observations: null },
    ];
  });
}

function answerOf(reply: ReplyEntry): RecordedAnswer {
  return {
    kind: 'answer',
    thought: reply.thought,
    content: reply.content,
    toolCalls: reply.tool_calls,
    finishReason: reply.finish_reason ?? 'stop',
    promptTokens: reply.usage.prompt_tokens,
    completionTokens: reply.usage.completion_tokens,
  };
}
