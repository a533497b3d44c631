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

/** What mini-swe-agent keeps beside a message: the commands of an answer, what came of one. */
const miniSchema = z.object({
  extra: z.object({
    timestamp: z.number().nullish().catch(null),
    actions: z
      .array(z.object({ command: z.string() }))
      .nullish()
      .catch(null),
    returncode: z.number().nullish().catch(null),
    response: z
      .object({ usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }) })
      .nullish()
      .catch(null),
  }),
});
type MiniExtra = z.infer<typeof miniSchema>['extra'];

export async function readMessageTurn(
  handle: FileHandle,
  index: MessageIndex,
  position: number,
): Promise<Turn> {
  const { records, leftOut } = await readRecords(handle, index.turns[position] ?? []);
  const messages = records.flatMap((record) => {
    const extra: MiniExtra = miniSchema.safeParse(record).data?.extra ?? {};
    return messagesOf(index.format, [record]).map((message) => ({ ...message, extra }));
  });
  const [answer, ...rest] = messages;
  const step = stepSchema.safeParse(records[0]).data;
  // In its text mode, mini-swe-agent tells what a command printed as a user does.
  const isOutput = ({ role, extra }: (typeof rest)[number]): boolean =>
    role === 'tool' || extra.returncode != null;
  const outputs = rest.filter(isOutput);
  const actions = answer?.calls.length === 0 ? (answer.extra.actions ?? []) : [];
  return {
    number: position + 1,
    at: step?.timestamp ?? instant(answer?.extra.timestamp),
    thought: answer?.reasoning ?? null,
    text: answer?.text ?? '',
    calls: [
      ...(answer?.calls ?? []).map((call) => ({ name: call.name, command: commandOf(call.arguments) })),
      ...actions.map(({ command }) => ({ name: 'bash', command })),
    ],
    outputs: outputs.map(({ text, extra }) => ({
      text,
      exitCode: extra.returncode ?? null,
      durationMs: null,
      timedOut: false,
      outOfMemory: false,
      notice: null,
      totalBytes: null,
    })),
    said: rest.filter((message) => !isOutput(message)).map(({ text }) => text),
    formatError: step?.extra?.format_error ?? null,
    truncated: step?.extra?.truncated === true,
    recovered: false,
    open: false,
    numbers: { ...numbersOf(step), ...miniNumbers(answer?.extra, outputs.at(-1)?.extra) },
    leftOut,
  };
}

function instant(seconds: number | null | undefined): string | null {
  const date = new Date((seconds ?? NaN) * 1000);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/** Nothing where these are no messages of mini-swe-agent. */
function miniNumbers(answer?: MiniExtra, result?: MiniExtra): Partial<TurnNumbers> {
  const usage = answer?.response?.usage;
  const [from, to] = [answer?.timestamp, result?.timestamp];
  return {
    ...(usage === undefined
      ? {}
      : { promptTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens }),
    ...(from == null || to == null ? {} : { commandMs: Math.max(0, to - from) * 1000 }),
    ...(result?.returncode == null ? {} : { exitCode: result.returncode }),
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
