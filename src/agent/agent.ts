import type { AgentClock } from '../base/agent-clock.js';
import type { Task } from '../dataset/task.js';
import type { ChatModel } from '../model/chat-model.js';
import type { Ending } from '../record/ending.js';
import type { Journal } from '../results/journal.js';
import type { AgentSandbox } from '../sandbox/sandbox.js';

/** What acts in the sandbox: `model` (the loop), `oracle` (the reference solution) or `nop`. */
export interface Agent {
  readonly name: string;
  readonly version: string;
  /** All that it does follows from what it is told, so that another process can go on with it. */
  readonly isResumable?: true;
  /** Acts until it ends; always returns an ending. Throws only for bad input (`TaskError`), a full disk, and bugs. */
  run(context: AgentContext): Promise<AgentOutcome>;
}

export interface AgentContext {
  readonly sandbox: AgentSandbox;
  readonly task: Task;
  readonly attempt: number;
  readonly trialName: string;
  /** Host folder for what is kept of the agent's own work. */
  readonly agentDir: string;
  /** The agent's time; its signal ends the request in flight and the running command. */
  readonly clock: AgentClock;
  readonly journal: Journal;
  /** Returns at once, or when a person lets a paused trial go on; the clock stands still meanwhile. */
  readonly hold: () => Promise<void>;
  readonly onProgress: (progress: AgentProgress) => void;
  /** Comes between the agent and the model's answers. */
  readonly wrapModel?: (model: ChatModel) => ChatModel;
}

export interface AgentProgress {
  readonly turn: number;
  /** Tokens of the context after this turn. */
  readonly contextTokens: number;
  /** How many there may be. */
  readonly contextLimit: number;
  /** Of all turns so far; null where the server does not count. */
  readonly outputTokens: number | null;
}

export interface AgentOutcome {
  readonly ending: Ending;
  /** What a person should know about the ending: the server's message, the budget sum that did not fit. */
  readonly detail: string | null;
  /** The error behind `model-error` or `sandbox-error`. */
  readonly error: Error | null;
  readonly totals: AgentTotals;
}

export interface AgentTotals {
  readonly turns: number;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly cachedTokens: number | null;
  readonly formatErrors: number;
  readonly truncatedTurns: number;
  readonly recoveredCalls: number;
  readonly requestRetries: number;
  /** Turns whose prompt was shorter than the history it repeats: thoughts were dropped on the way. */
  readonly droppedThoughtTurns: number;
}

export const noTotals: AgentTotals = {
  turns: 0,
  inputTokens: null,
  outputTokens: null,
  cachedTokens: null,
  formatErrors: 0,
  truncatedTurns: 0,
  recoveredCalls: 0,
  requestRetries: 0,
  droppedThoughtTurns: 0,
};
