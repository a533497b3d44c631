import type { FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { messagesOf, type Conversation } from '../../results/formats/read-conversation.js';
import { commandOf } from './command-of.js';
import { readBytes } from './read-bytes.js';
import type { ArrayElement } from './scan-array.js';
import { noNumbers, type OpeningMessage, type Turn, type TurnNumbers } from './turn.js';

/** The records of a trajectory, dealt to turns: each begins with an answer of the model. */
export interface MessageIndex {
  readonly format: Conversation['format'];
  readonly opening: readonly ArrayElement[];
  readonly turns: readonly (readonly ArrayElement[])[];
}

/** More levels than any message has; text that deep only costs time. */
const mostLevels = 64;

export function indexMessages(elements: readonly ArrayElement[]): MessageIndex {
  const isAnswer = ({ role }: ArrayElement): boolean => role === 'agent' || role === 'assistant';
  const turns: ArrayElement[][] = [];
  const opening: ArrayElement[] = [];
  for (const element of elements) {
    if (isAnswer(element)) turns.push([element]);
    else (turns.at(-1) ?? opening).push(element);
  }
  const format = elements.some(({ role }) => role === 'agent') ? 'atif' : 'chat';
  return { format, opening, turns };
}

export async function readOpening(handle: FileHandle, index: MessageIndex): Promise<OpeningMessage[]> {
  const { records } = await readRecords(handle, index.opening);
  return messagesOf(index.format, records).map(({ role, text }) => ({ role, text }));
}

/** Of ATIF's steps, what is shown beside the messages. */
const stepSchema = z.object({
  timestamp: z.string().nullish(),
  metrics: z
    .object({
      prompt_tokens: z.number().nullish(),
      completion_tokens: z.number().nullish(),
      cached_tokens: z.number().nullish(),
    })
    .nullish(),
  extra: z.looseObject({ truncated: z.boolean().nullish(), format_error: z.string().nullish() }).nullish(),
});

export async function readMessageTurn(
  handle: FileHandle,
  index: MessageIndex,
  position: number,
): Promise<Turn> {
  const { records, leftOut } = await readRecords(handle, index.turns[position] ?? []);
  const messages = messagesOf(index.format, records);
  const [answer, ...rest] = messages;
  const step = stepSchema.safeParse(records[0]).data;
  const outputs = rest.filter(({ role }) => role === 'tool');
  return {
    number: position + 1,
    at: step?.timestamp ?? null,
    thought: answer?.reasoning ?? null,
    text: answer?.text ?? '',
    calls: (answer?.calls ?? []).map((call) => ({ name: call.name, command: commandOf(call.arguments) })),
    outputs: outputs.map(({ text }) => ({
      text,
      exitCode: null,
      durationMs: null,
      timedOut: false,
      outOfMemory: false,
      notice: null,
      totalBytes: null,
    })),
    said: rest.filter(({ role }) => role !== 'tool').map(({ text }) => text),
    formatError: step?.extra?.format_error ?? null,
    truncated: step?.extra?.truncated === true,
    recovered: false,
    open: false,
    numbers: numbersOf(step),
    leftOut,
  };
}

function numbersOf(step: z.infer<typeof stepSchema> | undefined): TurnNumbers {
  return {
    ...noNumbers,
    promptTokens: step?.metrics?.prompt_tokens ?? null,
    outputTokens: step?.metrics?.completion_tokens ?? null,
    cachedTokens: step?.metrics?.cached_tokens ?? null,
  };
}

interface Records {
  readonly records: readonly unknown[];
  readonly leftOut: string | null;
}

async function readRecords(handle: FileHandle, elements: readonly ArrayElement[]): Promise<Records> {
  const records: unknown[] = [];
  let leftOut: string | null = null;
  for (const element of elements) {
    const bytes = element.levels > mostLevels ? null : await readBytes(handle, element);
    if (bytes === null) leftOut = 'a record of this turn is too large or too deep to be shown';
    else {
      try {
        records.push(JSON.parse(bytes.toString('utf8')));
      } catch {
        leftOut = 'a record of this turn is not valid JSON';
      }
    }
  }
  return { records, leftOut };
}
