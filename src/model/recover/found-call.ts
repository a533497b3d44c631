/** A call found in text, with the place of its text. */
export interface FoundCall {
  readonly name: string;
  /** As JSON; raw text, which is not JSON, when the call is not whole. */
  readonly arguments: string;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** False when the end of the call cannot be told: what it asks for must not be run, not even in part. */
  readonly whole: boolean;
}

/** Everything from the first call on, as one call that is turned down. */
export function unclear(text: string, { name, start }: Pick<FoundCall, 'name' | 'start'>): FoundCall {
  return { name, arguments: text.slice(start), start, end: text.length, whole: false };
}
