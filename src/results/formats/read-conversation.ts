import { z } from 'zod';
import { jsonOrText } from '../../base/json-value.js';
import { maxConversationBytes, readJson } from '../read-file.js';

/** One message of a trial, whichever format recorded it. */
export interface Message {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly text: string;
  /** The model's thinking, where it was kept apart. */
  readonly reasoning: string | null;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly arguments: unknown }[];
  /** Of a tool message: the call it answers. */
  readonly callId: string | null;
}

export interface Conversation {
  readonly format: 'atif' | 'chat';
  readonly schemaVersion: string | null;
  readonly messages: readonly Message[];
  /** The file's own content, for exports that keep it. */
  readonly raw: unknown;
}

const part = z.object({ type: z.string().nullish(), text: z.string().nullish() });
const content = z.union([z.string(), z.array(part)]).nullish();

const atifSchema = z.object({
  schema_version: z.string().startsWith('ATIF'),
  steps: z.array(
    z.object({
      source: z.enum(['system', 'user', 'agent']),
      message: content,
      reasoning_content: z.string().nullish(),
      tool_calls: z
        .array(z.object({ tool_call_id: z.string(), function_name: z.string(), arguments: z.unknown() }))
        .nullish(),
      observation: z
        .object({ results: z.array(z.object({ source_call_id: z.string().nullish(), content })) })
        .nullish(),
    }),
  ),
});

const chatSchema = z.array(
  z.object({
    role: z.enum(['system', 'user', 'assistant', 'tool']),
    content,
    reasoning_content: z.string().nullish(),
    tool_call_id: z.string().nullish(),
    tool_calls: z
      .array(
        z.object({
          id: z.string().nullish(),
          function: z.object({ name: z.string().nullish(), arguments: z.unknown() }),
        }),
      )
      .nullish(),
  }),
);

/** Reads `agent/trajectory.json` of a trial folder: ATIF, or a raw list of chat messages. Null when it is neither. */
export async function readConversation(trialDir: string): Promise<Conversation | null> {
  const read = await readJson(trialDir, 'agent/trajectory.json', z.unknown(), maxConversationBytes);
  return read.kind === 'value' ? parseConversation(read.value) : null;
}

/** The conversation of a parsed file: ATIF, or a raw list of chat messages. Null when it is neither. */
export function parseConversation(raw: unknown): Conversation | null {
  const atif = atifSchema.safeParse(raw);
  if (atif.success) {
    return { format: 'atif', schemaVersion: atif.data.schema_version, messages: fromAtif(atif.data), raw };
  }
  const chat = chatSchema.safeParse(raw);
  return chat.success ? { format: 'chat', schemaVersion: null, messages: fromChat(chat.data), raw } : null;
}

/** Messages of some steps of a trajectory, or of some chat messages; what is of neither shape is left out. */
export function messagesOf(format: Conversation['format'], records: readonly unknown[]): Message[] {
  const [atif, chat] = [atifSchema.shape.steps.element, chatSchema.element];
  return records.flatMap((record): Message[] => {
    const parsed = format === 'atif' ? atif.safeParse(record) : chat.safeParse(record);
    if (!parsed.success) return [];
    return 'source' in parsed.data ? fromAtif({ steps: [parsed.data] }) : fromChat([parsed.data]);
  });
}

function textOf(value: z.infer<typeof content>): string {
  if (typeof value === 'string') return value;
  return (value ?? []).map((entry) => entry.text ?? '').join('');
}

function fromAtif({ steps }: Pick<z.infer<typeof atifSchema>, 'steps'>): Message[] {
  return steps.flatMap((step): Message[] => {
    const message: Message = {
      role: step.source === 'agent' ? 'assistant' : step.source,
      text: textOf(step.message),
      reasoning: step.reasoning_content ?? null,
      calls: (step.tool_calls ?? []).map((call) => ({
        id: call.tool_call_id,
        name: call.function_name,
        arguments: call.arguments,
      })),
      callId: null,
    };
    const results = (step.observation?.results ?? []).map((result): Message => ({
      role: 'tool',
      text: textOf(result.content),
      reasoning: null,
      calls: [],
      callId: result.source_call_id ?? null,
    }));
    return [message, ...results];
  });
}

function fromChat(messages: z.infer<typeof chatSchema>): Message[] {
  return messages.map((message, index) => ({
    role: message.role,
    text: textOf(message.content),
    reasoning: message.reasoning_content ?? null,
    calls: (message.tool_calls ?? []).map((call, position) => ({
      id: call.id ?? `call-${index}-${position}`,
      name: call.function.name ?? 'unknown',
      arguments: parseArguments(call.function.arguments),
    })),
    callId: message.tool_call_id ?? null,
  }));
}

/** Arguments arrive as JSON text; what does not parse is kept as text. */
function parseArguments(value: unknown): unknown {
  return typeof value === 'string' ? jsonOrText(value) : value;
}
