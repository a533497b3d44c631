/** One answer of a model and what came of it, whichever format recorded it. `null`: the record does not say. */
export interface Turn {
  readonly number: number;
  readonly at: string | null;
  /** The model's thinking, where it was kept apart from its text. */
  readonly thought: string | null;
  readonly text: string;
  readonly calls: readonly TurnCall[];
  readonly outputs: readonly TurnOutput[];
  /** What the harness told the model beside outputs: why an answer was turned down. */
  readonly said: readonly string[];
  readonly formatError: string | null;
  /** The answer hit its token limit. */
  readonly truncated: boolean;
  /** Calls were read from the text, because the server found none. */
  readonly recovered: boolean;
  /** The answer is there and what came of it is not: it runs, or the trial did not live to finish it. */
  readonly open: boolean;
  readonly numbers: TurnNumbers;
  /** Why the turn is not shown though it is recorded; null normally. */
  readonly leftOut: string | null;
}

export interface TurnCall {
  readonly name: string;
  /** The command, or the arguments as JSON where the tool takes something else. */
  readonly command: string;
}

export interface TurnOutput {
  readonly text: string;
  readonly exitCode: number | null;
  readonly durationMs: number | null;
  readonly timedOut: boolean;
  readonly outOfMemory: boolean;
  readonly notice: string | null;
  /** What the command printed; more than `text` where the harness cut it. */
  readonly totalBytes: number | null;
}

/** What was measured of a turn. Tokens as the server counted them. */
export interface TurnNumbers {
  readonly promptTokens: number | null;
  readonly outputTokens: number | null;
  readonly cachedTokens: number | null;
  /** From the request's start to the last token, waiting for a slot left out. */
  readonly modelMs: number | null;
  readonly firstTokenMs: number | null;
  /** Waiting for a slot of the server, and between retries. */
  readonly waitMs: number | null;
  readonly commandMs: number | null;
  readonly exitCode: number | null;
}

export const noNumbers: TurnNumbers = {
  promptTokens: null,
  outputTokens: null,
  cachedTokens: null,
  modelMs: null,
  firstTokenMs: null,
  waitMs: null,
  commandMs: null,
  exitCode: null,
};

/** What a model was told before its first answer. */
export interface OpeningMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly text: string;
}

/** The conversation of one trial, opened: what it has is known, its turns are read when asked for. */
export interface Turns {
  /** Relative to the folder it was opened in. */
  readonly file: string;
  readonly opening: readonly OpeningMessage[];
  /** Bytes of each turn in the file, in order. */
  readonly sizes: readonly number[];
  /** Bytes that were not looked at yet: a long file is indexed as far as its turns are asked for. */
  readonly unseenBytes: number;
  /** Settings written before the first request; null where the format has none. */
  readonly limits: { readonly totalTokens: number | null; readonly maxTurns: number | null };
  /** Why the trial's last request failed; null when it did not. */
  readonly failure: string | null;
  /** Turns `first` and later (0-based), at most `count`. */
  read(first: number, count: number): Promise<Turn[]>;
}

/** Tokens in the context after a turn. */
export function contextAfter({ promptTokens, outputTokens }: TurnNumbers): number | null {
  return promptTokens === null ? null : promptTokens + (outputTokens ?? 0);
}
