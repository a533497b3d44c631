import { z } from 'zod';

/** A trial that was gone on with in its sandbox after the process that made it had died. */
export const resumptionSchema = z.strictObject({
  /** ISO 8601, UTC. */
  at: z.string(),
  /** The turn that was under way. */
  turn: z.number().int().nonnegative(),
  /** What the agent waited for: an answer of the model, or a command. */
  in: z.enum(['request', 'command']),
  /** From the last thing that was kept until then; charged to nobody. */
  dead_ms: z.number().nonnegative(),
});
export type Resumption = z.infer<typeof resumptionSchema>;
