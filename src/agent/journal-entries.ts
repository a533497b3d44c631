import type { ChatReply, RequestRetry, TokenCount, ToolCall } from '../model/chat-model.js';
import type { ModelError } from '../model/model-error.js';
import {
  journalVersion,
  type JournalEntry,
  type ReplyEntry,
  type StartEntry,
  type TurnEntry,
} from '../record/journal-entry.js';
import type { CommandResult } from '../sandbox/sandbox.js';
import type { ActionOutcome } from './loop/act.js';
import type { Agent, AgentContext, AgentOutcome } from './agent.js';
import { toolsOf, type Harness } from './harness/harness.js';

/** What was settled before the first request: which model acts, by which harness, and what it is told first. */
export interface Opening {
  readonly model: { readonly name: string; readonly kind: StartEntry['model_kind'] } | null;
  readonly harness: Harness | null;
  readonly messages: readonly StartEntry['messages'][number][];
}

/** The opening of an agent without a model. */
export const noModel: Opening = { model: null, harness: null, messages: [] };

/** The journal's first line. */
export function startEntry(
  agent: Agent,
  { task, attempt, trialName }: AgentContext,
  { model, harness, messages }: Opening,
): StartEntry {
  return {
    kind: 'start',
    version: journalVersion,
    at: now(),
    trial: trialName,
    task: task.name,
    attempt,
    agent: { name: agent.name, version: agent.version },
    model: model?.name ?? null,
    model_kind: model?.kind ?? 'none',
    harness: harness === null ? null : { name: harness.name, digest: harness.digest },
    budget: harness === null ? null : budgetOf(harness),
    max_turns: harness?.limits.turns ?? null,
    messages: [...messages],
    tools:
      harness === null
        ? []
        : toolsOf(harness).map((tool) => ({ ...tool, parameters: { ...tool.parameters } })),
    sampling: { ...harness?.sampling },
  };
}

export function replyEntry(
  turn: number,
  reply: ChatReply,
  sent: { readonly counted: TokenCount; readonly maxTokens: number },
): ReplyEntry {
  const { usage, timing } = reply;
  return {
    kind: 'reply',
    at: now(),
    turn,
    counted: { ...sent.counted },
    max_tokens: sent.maxTokens,
    content: reply.content,
    thought: reply.thought === null ? null : { ...reply.thought },
    tool_calls: reply.toolCalls.map((call) => ({ ...call })),
    finish_reason: reply.finishReason,
    usage: {
      prompt_tokens: usage.promptTokens,
      completion_tokens: usage.completionTokens,
      cached_tokens: usage.cachedTokens,
      reasoning_tokens: usage.reasoningTokens,
    },
    timing: { queue_ms: timing.queueMs, first_token_ms: timing.firstTokenMs, total_ms: timing.totalMs },
    retries: reply.retries.map(retryEntry),
    base_url: reply.baseUrl,
  };
}

export function turnEntry(
  turn: number,
  outcome: ActionOutcome & {
    readonly truncated: boolean;
    readonly cutByContext: boolean;
    readonly recovered: readonly ToolCall[];
    readonly dropped: number | null;
  },
): TurnEntry {
  const { answered, userMessage } = outcome;
  return {
    kind: 'turn',
    at: now(),
    turn,
    format_error: outcome.formatError,
    truncated: outcome.truncated,
    cut_by_context: outcome.cutByContext,
    recovered_calls: outcome.recovered.map((call) => ({ ...call })),
    dropped_tokens: outcome.dropped,
    commands: outcome.commands,
    messages: [
      ...answered.map(({ call, answer }) => ({ role: 'tool' as const, call_id: call.id, content: answer })),
      ...(userMessage === null ? [] : [{ role: 'user' as const, call_id: null, content: userMessage }]),
    ],
  };
}

export function failureEntry(turn: number, error: ModelError): JournalEntry {
  return {
    kind: 'failure',
    at: now(),
    turn,
    class: error.class,
    status: error.status,
    message: error.message,
    retries: error.retries.map(retryEntry),
  };
}

/** The run of a task's reference solution. */
export function oracleEntry(script: string, result: CommandResult): JournalEntry {
  const { head, tail, elided, totalBytes } = result.output;
  return {
    kind: 'oracle',
    at: now(),
    script,
    exit_code: result.exitCode,
    timed_out: result.timedOut,
    duration_ms: result.durationMs,
    total_bytes: totalBytes,
    output: elided === 0 ? head : `${head}\n[... ${elided} characters left out ...]\n${tail}`,
  };
}

export function endEntry({ ending, detail, totals }: AgentOutcome): JournalEntry {
  return { kind: 'end', at: now(), ending, detail, totals: { ...totals } };
}

function budgetOf({ budget }: Harness): StartEntry['budget'] {
  return { turn_tokens: budget.turnTokens, total_tokens: budget.totalTokens, when_tight: budget.whenTight };
}

function retryEntry(retry: RequestRetry): ReplyEntry['retries'][number] {
  return { class: retry.class, status: retry.status, message: retry.message, waited_ms: retry.waitedMs };
}

function now(): string {
  return new Date().toISOString();
}
