/**
 * Recorded turns, whatever they were read from: what the replay server serves in place of a model.
 */
export interface Recording {
  /** `scripted` was written by a person, `replay` was recorded from a served model. */
  readonly kind: 'scripted' | 'replay';
  /** Where it was read from, for messages. */
  readonly source: string;
  /** Name of the recorded model, or null when the source does not say. */
  readonly model: string | null;
  readonly tasks: ReadonlyMap<string, RecordedTask>;
}

export interface RecordedTask {
  /** By attempt number. */
  readonly attempts: ReadonlyMap<number, RecordedTrial>;
  /** True when attempts beyond the last start again at the first (scripts only). */
  readonly cycles: boolean;
}

export interface RecordedTrial {
  /** Contents of the messages before the first turn; null when not known. */
  readonly prompt: readonly string[] | null;
  readonly turns: readonly RecordedTurn[];
  /** Prompt tokens at least, when the recorded trial ended because the next request did not fit; else null. */
  readonly overflowTokens: number | null;
}

/** One model response as it was given, and what the agent then saw. */
export interface RecordedTurn {
  readonly answer: RecordedAnswer | RecordedFailure;
  /** Tool results and error messages the recorded agent got after this turn; null when not known. */
  readonly observations: readonly string[] | null;
}

export interface RecordedAnswer {
  readonly kind: 'answer';
  readonly thought: { readonly field: 'reasoning' | 'reasoning_content'; readonly text: string } | null;
  readonly content: string | null;
  readonly toolCalls: readonly {
    readonly id: string | null;
    readonly name: string;
    readonly arguments: string;
  }[];
  readonly finishReason: string;
  /** Null where the source does not say; the replay server then estimates. */
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
}

/** The server refused the recorded request for good; replayed as it was. */
export interface RecordedFailure {
  readonly kind: 'failure';
  readonly status: number;
  readonly message: string;
}

/** The recorded trial for an attempt, or null when there is none. */
export function findTrial(recording: Recording, task: string, attempt: number): RecordedTrial | null {
  const recorded = recording.tasks.get(task);
  if (recorded === undefined) return null;
  const exact = recorded.attempts.get(attempt);
  if (exact !== undefined || !recorded.cycles) return exact ?? null;
  return recorded.attempts.get(((attempt - 1) % recorded.attempts.size) + 1) ?? null;
}
