import type { AgentClock } from '../base/agent-clock.js';
import type { AnsweringKind } from '../record/model-kind.js';

/** A tool call as the model wrote it: `arguments` is the raw text, valid JSON or not. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
  /** True when the server missed the call and our own parser found it in the text. */
  readonly recovered: boolean;
}

/** A thought, and the name of the field it came in. */
export interface Thought {
  readonly field: 'reasoning' | 'reasoning_content';
  readonly text: string;
}

export type ChatMessage =
  | { readonly role: 'system'; readonly content: string }
  | { readonly role: 'user'; readonly content: string }
  | {
      readonly role: 'assistant';
      readonly content: string | null;
      readonly thought: Thought | null;
      readonly toolCalls: readonly ToolCall[];
    }
  | { readonly role: 'tool'; readonly content: string; readonly toolCallId: string };

export interface ToolDefinition {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Sampling parameters sent with every request; `extra` goes into the body as is (top_k, chat_template_kwargs ...). */
export interface Sampling {
  readonly temperature?: number;
  readonly topP?: number;
  readonly seed?: number;
  readonly extra?: Readonly<Record<string, unknown>>;
}

export interface ChatRequest {
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly ToolDefinition[];
  readonly sampling: Sampling;
  /** Completion tokens this turn may use at most. */
  readonly maxTokens: number;
}

/** Tokens as the server reports them; null where it does not say. */
export interface Usage {
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
  readonly cachedTokens: number | null;
  readonly reasoningTokens: number | null;
}

/** One failed try of a request that was retried or waited out. */
export interface RequestRetry {
  readonly class: FailureClass;
  readonly status: number | null;
  readonly message: string;
  readonly waitedMs: number;
}

/**
 * Class of a failed request: `context` ends the trial as "context window"; `permanent` cannot succeed by
 * repeating; `transient` is retried with back-off; `server-down` pauses the job until the server is back.
 */
export type FailureClass = 'context' | 'permanent' | 'transient' | 'server-down';

export interface ChatReply {
  readonly content: string | null;
  readonly thought: Thought | null;
  readonly toolCalls: readonly ToolCall[];
  readonly finishReason: string | null;
  readonly usage: Usage;
  readonly timing: {
    /** Waiting for a request slot of ours. */
    readonly queueMs: number;
    readonly firstTokenMs: number | null;
    /** From sending to the last byte, the last try only. */
    readonly totalMs: number;
  };
  readonly retries: readonly RequestRetry[];
  /** Which server answered. */
  readonly baseUrl: string;
}

/** Tokens of a prompt: exact from the server's tokenizer, or an estimate that says so. */
export interface TokenCount {
  readonly tokens: number;
  readonly exact: boolean;
}

export interface RequestContext {
  /** Aborts when the agent's time is up or the trial is cancelled; the socket is closed. */
  readonly clock: AgentClock;
}

/** One trial's line to a model server. */
export interface ChatModel extends AsyncDisposable {
  /** Name as sent to the server. */
  readonly name: string;
  /** Context length the server serves, null when it does not say. */
  readonly maxModelLen: number | null;
  /** Throws `ModelError` when the request failed for good. */
  complete(request: ChatRequest, context: RequestContext): Promise<ChatReply>;
  /** Prompt tokens of a request before it is sent; null when the server has no tokenizer endpoint. */
  countTokens(request: ChatRequest, context: RequestContext): Promise<TokenCount | null>;
}

/** The served model of a job: hands every trial its line, and knows what it is talking to. */
export interface ModelService extends AsyncDisposable {
  readonly name: string;
  /** `live`, or `replay` / `scripted` when answers do not come from a model: every output must then say so. */
  readonly kind: AnsweringKind;
  openTrial(trial: ModelTrial): Promise<ChatModel>;
}

/** The trial that a line to the model is for. */
export interface ModelTrial {
  readonly task: string;
  readonly attempt: number;
  readonly name: string;
  /** The trial's folder for files of its agent; takes requests and responses when they are to be kept. */
  readonly agentDir?: string;
}
