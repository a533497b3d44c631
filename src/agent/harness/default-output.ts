import { defaultOutputLimits } from '../../sandbox/shell/output-capture.js';

/**
 * How much of a command's output a model is shown where a harness file does not say, in code points: all of it up to
 * `maxChars`, else its beginning and its end. The published Tmax evaluation's numbers.
 */
export const defaultTruncation = {
  maxChars: 10_000,
  headChars: defaultOutputLimits.head,
  tailChars: defaultOutputLimits.tail,
};

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
