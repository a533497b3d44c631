import type { Sampling, ToolDefinition } from '../../model/chat-model.js';

/** A harness: everything that turns a model into an agent, as data. Read from `harness/*.yaml`. */
export interface Harness {
  readonly name: string;
  /** `sha256:...` of the file's text; jobs with different digests are not comparable. */
  readonly digest: string;
  /** What of the file has no effect here, and why; shown when a job starts. */
  readonly notes: readonly string[];
  readonly prompts: Prompts;
  readonly tool: ToolDefinition;
  readonly sampling: Sampling;
  readonly budget: Budget;
  readonly limits: Limits;
  readonly actions: ActionRules;
  readonly formatErrors: FormatErrorRules;
  readonly submit: SubmitRule;
  readonly observation: Observation;
  /** Code points of a command's output the sandbox must keep at each end for `observation` to be exact. */
  readonly outputLimits: { readonly head: number; readonly tail: number };
  readonly shell: ShellRules;
  /** Whether a task's MCP servers and skills are told behind its instruction; a task that has some is left out otherwise. */
  readonly taskExtras: boolean;
}

/** The tools a model is offered: one, or none where commands are looked for in the text. */
export function toolsOf({ actions, tool }: Pick<Harness, 'actions' | 'tool'>): readonly ToolDefinition[] {
  return actions.source.kind === 'tool' ? [tool] : [];
}

export interface Prompts {
  /** `literal` replaces `{{name}}` and nothing else; `jinja` is Jinja2 with strict undefined. */
  readonly engine: 'literal' | 'jinja';
  readonly system: string;
  readonly instance: string;
  readonly formatError: string;
  /** Whether the task's text is trimmed before it is put in. */
  readonly stripTask: boolean;
  /** Variables every Jinja template sees, beside those of docs/harness.md. */
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface Budget {
  /** Completion tokens a turn may use. */
  readonly turnTokens: number;
  /** Tokens of prompt and completion together. */
  readonly totalTokens: number;
  /** When less than `turnTokens` is left: end the trial, or give the turn what is left. */
  readonly whenTight: 'stop' | 'clamp';
}

export interface ShellRules {
  /** Exported in the agent's shell, and there only. */
  readonly env: Readonly<Record<string, string>>;
  /** `kept`: directory and exported variables last from command to command. `fresh`: every command starts anew. */
  readonly state: 'kept' | 'fresh';
}

/** Ends of a trial; null is no limit. */
export interface Limits {
  /** Model responses, format errors included. */
  readonly turns: number | null;
  readonly consecutiveFormatErrors: number | null;
  readonly commandTimeoutMs: number;
  /** Checked before each request, beside the task's own timeout. */
  readonly wallTimeMs: number | null;
}

export interface ActionRules {
  /** Where commands are looked for: tool calls, or the matches of a pattern in the reply's text. */
  readonly source: { readonly kind: 'tool' } | { readonly kind: 'text'; readonly pattern: RegExp };
  /** `recover` also takes calls the server failed to parse. */
  readonly toolCalls: 'strict' | 'recover';
  /** Which calls of a response are run. `all` turns the whole response down if one of them is bad. */
  readonly run: 'first' | 'all';
  /** A call in a response that hit its token limit: run it if it parsed, or turn it down. */
  readonly truncated: 'execute' | 'reject';
  /** A call without `command`: the empty command, or a format error. */
  readonly missingCommand: 'run-empty' | 'reject';
  /** A response without a call: a format error, or the end of the trial as submitted. */
  readonly noCall: 'format-error' | 'submit';
  /** What becomes of the calls `run: first` passes over: answered with this text, or left out of the history (null). */
  readonly passedOverText: string | null;
}

export interface FormatErrorRules {
  /** Whether the reply that was turned down stays in the history. */
  readonly reply: 'keep' | 'drop';
  /** `tool` answers the call where there is one that can be answered, else a user message is added. */
  readonly role: 'user' | 'tool';
  /** What `{{error}}` says, by reason. */
  readonly texts: Readonly<Record<FormatErrorReason, string>>;
}

export const formatErrorReasons = [
  'no-call',
  'wrong-tool',
  'bad-json',
  'not-an-object',
  'missing-command',
  'truncated',
  'action-count',
] as const;
export type FormatErrorReason = (typeof formatErrorReasons)[number];

export interface SubmitRule {
  readonly marker: string;
  /**
   * `anywhere`: the marker in the command (which is run, whatever its exit code) or in what the model is
   * shown. `first-line`: the output's first line is the marker and the exit code is 0.
   */
  readonly rule: 'anywhere' | 'first-line';
}

export type Observation = LiteralObservation | JinjaObservation;

/** `{{output}} {{exit_code}}` and, for the truncated body, `{{hint}} {{head}} {{tail}} {{elided}} {{head_chars}} {{tail_chars}}`. */
export interface LiteralObservation {
  readonly engine: 'literal';
  readonly template: string;
  /** Stands for an output that is empty once its trailing white space is gone. */
  readonly empty: string;
  readonly truncation: {
    /** Longest output shown whole, in code points. */
    readonly maxChars: number;
    readonly headChars: number;
    readonly tailChars: number;
    /** Whether an output of exactly `maxChars` is shown whole. */
    readonly keepWhole: 'at-most' | 'below';
    readonly hint: string;
    readonly template: string;
  };
}

/** Truncation lies in the template. */
export interface JinjaObservation {
  readonly engine: 'jinja';
  readonly template: string;
}
