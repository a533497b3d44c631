import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

import { parseJson } from '../../base/json-value.js';
import type { RecordedAnswer, RecordedTask, RecordedTrial, RecordedTurn, Recording } from './recording.js';

const count = z.number().nullable();

const startLine = z.object({
  kind: z.literal('start'),
  task: z.string(),
  attempt: z.number().int().positive(),
  model: z.string().nullable(),
  budget: z.object({ total_tokens: z.number() }).nullable(),
  messages: z.array(z.object({ content: z.string() })),
});

const replyLine = z.object({
  kind: z.literal('reply'),
  turn: z.number(),
  content: z.string().nullable(),
  thought: z.object({ field: z.enum(['reasoning', 'reasoning_content']), text: z.string() }).nullable(),
  tool_calls: z.array(z.object({ id: z.string(), name: z.string(), arguments: z.string() })),
  finish_reason: z.string().nullable(),
  usage: z.object({ prompt_tokens: count, completion_tokens: count }),
});

const turnLine = z.object({
  kind: z.literal('turn'),
  turn: z.number(),
  messages: z.array(z.object({ content: z.string() })),
});

const failureLine = z.object({
  kind: z.literal('failure'),
  turn: z.number(),
  class: z.string(),
  status: z.number().nullable(),
  message: z.string(),
});

const endLine = z.object({ kind: z.literal('end'), ending: z.string() });

const journalLine = z.discriminatedUnion('kind', [startLine, replyLine, turnLine, failureLine, endLine]);
type JournalLine = z.infer<typeof journalLine>;

export interface ParsedJournal {
  readonly task: string;
  readonly attempt: number;
  readonly model: string | null;
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
    const text = await readFile(join(dir, entry.name, 'agent', 'journal.jsonl'), 'utf8').catch(() => null);
    const journal = text === null ? null : parseJournal(text);
    if (journal === null) continue;
    model ??= journal.model;
    const task = tasks.get(journal.task) ?? { attempts: new Map<number, RecordedTrial>(), cycles: false };
    task.attempts.set(journal.attempt, journal.trial);
    tasks.set(journal.task, task);
  }
  return { kind: 'replay', source: dir, model, tasks };
}

/**
 * Reads the turns of one journal; null when it has none of a model. Lines of other kinds, and a last line that a
 * crash cut short, are passed over. When a trial was begun anew, the last beginning counts.
 */
export function parseJournal(text: string): ParsedJournal | null {
  const lines = text.split('\n').flatMap((line): JournalLine[] => {
    const parsed = journalLine.safeParse(parseJson(line));
    return parsed.success ? [parsed.data] : [];
  });
  const first = lines.findLastIndex((line) => line.kind === 'start');
  const start = lines[first];
  if (start?.kind !== 'start' || start.model === null) return null;
  const since = lines.slice(first + 1);
  const outgrown = since.some((line) => line.kind === 'end' && line.ending === 'token-budget');
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

function turnsOf(lines: readonly JournalLine[]): readonly RecordedTurn[] {
  return lines.flatMap((line): RecordedTurn[] => {
    if (line.kind === 'reply') {
      const after = lines.find((other) => other.kind === 'turn' && other.turn === line.turn);
      const observations = after?.kind === 'turn' ? after.messages.map((message) => message.content) : null;
      return [{ answer: answerOf(line), observations }];
    }
    // A server that was away is not part of the model's behaviour; what it refused is.
    if (line.kind !== 'failure' || line.status === null || !['context', 'permanent'].includes(line.class))
      return [];
    return [{ answer: { kind: 'failure', status: line.status, message: line.message }, observations: null }];
  });
}

function answerOf(line: z.infer<typeof replyLine>): RecordedAnswer {
  return {
    kind: 'answer',
    thought: line.thought,
    content: line.content,
    toolCalls: line.tool_calls,
    finishReason: line.finish_reason ?? 'stop',
    promptTokens: line.usage.prompt_tokens,
    completionTokens: line.usage.completion_tokens,
  };
}
