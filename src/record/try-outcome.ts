import { z } from 'zod';
import { trialResultSchema } from './trial-result.js';

/** What came of one try of a trial, as whoever made it reports it; plain data, so that it may come from another host. */
export const tryOutcomeSchema = z.strictObject({
  result: trialResultSchema,
  /**
   * What is known about trying again: a request that the model server will never take, or an image that is not to be had,
   * makes it pointless; a server that is gone, or an engine that fails again and again, fails every trial to come.
   */
  anotherTry: z.enum(['may-help', 'is-pointless', 'server-gone', 'engine-failed']),
});
export type TryOutcome = z.infer<typeof tryOutcomeSchema>;
