import { z } from 'zod';
import { trialResultSchema } from './trial-result.js';

/** What came of one try of a trial, as whoever made it reports it; plain data, so that it may come from another host. */
export const tryOutcomeSchema = z.strictObject({
  result: trialResultSchema,
  /**
   * What the model server's answer says about trying again: a request it will never take makes it pointless, and a
   * server that is gone would fail every trial to come.
   */
  anotherTry: z.enum(['may-help', 'is-pointless', 'server-gone']),
});
export type TryOutcome = z.infer<typeof tryOutcomeSchema>;
