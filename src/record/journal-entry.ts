import { z } from 'zod';
import { endings } from './ending.js';
import { modelKinds } from './model-kind.js';

/** Version of the journal's lines, in its `start` entry. */
export const journalVersion = 1;

const tokens = z.number().nullable();

const retrySchema = z.object({
  class: z.string(),
  status: z.number().nullable(),
  message: z.string(),
  waited_ms: z.number(),
});

const toolCallSchema = z.object({
  id: z.string(),
  name: z.string(),
  /** As the model wrote it: JSON or not. */
  arguments: z.string(),
  recovered: z.boolean(),
});

/** The trial's beginning: everything that was settled before the first request. */
const startSchema = z.object({
  kind: z.literal('start'),
  version: z.literal(journalVersion),
  at: z.string(),
  trial: z.string(),
  task: z.string(),
  attempt: z.number(),
  agent: z.object({ name: z.string(), version: z.string() }),
  model: z.string().nullable(),
  model_kind: z.enum(modelKinds),
  harness: z.object({ name: z.string(), digest: z.string() }).nullable(),
  budget: z
    .object({ turn_tokens: z.number(), total_tokens: z.number(), when_tight: z.enum(['stop', 'clamp']) })
    .nullable(),
  max_turns: z.number().nullable(),
  messages: z.array(z.object({ role: z.enum(['system', 'user']), content: z.string() })),
  tools: z.array(
    z.object({ name: z.string(), description: z.string(), parameters: z.record(z.string(), z.unknown()) }),
  ),
  sampling: z.record(z.string(), z.unknown()),
});

/** One answer of the model, raw, written before anything of it is acted on. */
const replySchema = z.object({
  kind: z.literal('reply'),
  at: z.string(),
  turn: z.number(),
  /** Prompt tokens as known before the request was sent, and whether the server counted them. */
  counted: z.object({ tokens: z.number(), exact: z.boolean() }),
  max_tokens: z.number(),
  content: z.string().nullable(),
  thought: z.object({ field: z.enum(['reasoning', 'reasoning_content']), text: z.string() }).nullable(),
  tool_calls: z.array(toolCallSchema),
  finish_reason: z.string().nullable(),
  usage: z.object({
    prompt_tokens: tokens,
    completion_tokens: tokens,
    cached_tokens: tokens,
    reasoning_tokens: tokens,
  }),
  timing: z.object({ queue_ms: z.number(), first_token_ms: tokens, total_ms: z.number() }),
  retries: z.array(retrySchema),
  base_url: z.string(),
});

/** What came of that answer: the commands run and what the model is told. */
const turnSchema = z.object({
  kind: z.literal('turn'),
  at: z.string(),
  turn: z.number(),
  /** Why the reply was turned down; null when commands were run. */
  format_error: z.string().nullable(),
  /** The reply hit its token limit, whatever finish_reason says. */
  truncated: z.boolean(),
  /** The answer was cut short of its token limit: the server's context was full. Absent before 0.2. */
  cut_by_context: z.boolean().optional(),
  /** Calls our own parser found where the server's did not. */
  recovered_calls: z.array(toolCallSchema),
  /** Prompt tokens missing against the last turn: the server dropped thoughts from the history. */
  dropped_tokens: z.number().nullable(),
  commands: z.array(
    z.object({
      call_id: z.string().nullable(),
      command: z.string(),
      exit_code: z.number(),
      timed_out: z.boolean(),
      out_of_memory: z.boolean(),
      notice: z.string().nullable(),
      duration_ms: z.number(),
      total_bytes: z.number(),
    }),
  ),
  /** What follows the reply in the history; `call_id` as the model gave it. */
  messages: z.array(
    z.object({ role: z.enum(['tool', 'user']), call_id: z.string().nullable(), content: z.string() }),
  ),
});

/** A request that failed for good. */
const failureSchema = z.object({
  kind: z.literal('failure'),
  at: z.string(),
  turn: z.number(),
  class: z.string(),
  status: z.number().nullable(),
  message: z.string(),
  retries: z.array(retrySchema),
});

/** The reference solution's run. */
const oracleSchema = z.object({
  kind: z.literal('oracle'),
  at: z.string(),
  script: z.string(),
  exit_code: z.number(),
  timed_out: z.boolean(),
  duration_ms: z.number(),
  total_bytes: z.number(),
  output: z.string(),
});

const endSchema = z.object({
  kind: z.literal('end'),
  at: z.string(),
  ending: z.enum(endings),
  detail: z.string().nullable(),
  totals: z.record(z.string(), z.number().nullable()),
});

/** One line of the journal; `kind` tells the shape. Times ISO 8601 in UTC. */
export const journalEntrySchema = z.discriminatedUnion('kind', [
  startSchema,
  replySchema,
  turnSchema,
  failureSchema,
  oracleSchema,
  endSchema,
]);
export type JournalEntry = z.infer<typeof journalEntrySchema>;
export type StartEntry = z.infer<typeof startSchema>;
export type ReplyEntry = z.infer<typeof replySchema>;
export type TurnEntry = z.infer<typeof turnSchema>;

/** A journal from its last beginning on: what is before belongs to an earlier making of the trial. */
export function lastBeginning(entries: readonly JournalEntry[]): {
  readonly start: StartEntry | null;
  readonly since: readonly JournalEntry[];
} {
  const at = entries.findLastIndex((entry) => entry.kind === 'start');
  const start = entries[at];
  return start?.kind === 'start' ? { start, since: entries.slice(at + 1) } : { start: null, since: [] };
}
