/**
 * How much of a command's output a model is shown where a harness file does not say, in code points: all of it up to
 * `maxChars`, else its beginning and its end. The published Tmax evaluation's numbers.
 */
export const defaultTruncation = { maxChars: 10_000, headChars: 5_000, tailChars: 5_000 } as const;

/** Code points of a command's output that a sandbox keeps for an agent without a harness. */
export const defaultOutputLimits = { head: defaultTruncation.headChars, tail: defaultTruncation.tailChars };

/**
 * What a sandbox must keep for a truncation to be exact. It is more than is shown: trailing white space goes before
 * the length is judged, and the tail is cut after it.
 */
export function outputLimitsOf({
  maxChars,
  headChars,
  tailChars,
}: {
  readonly maxChars: number;
  readonly headChars: number;
  readonly tailChars: number;
}): { readonly head: number; readonly tail: number } {
  const kept = Math.max(maxChars, headChars, tailChars);
  return { head: kept, tail: kept };
}
