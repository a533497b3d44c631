import { z } from 'zod';

const text = z.string().nullable();

/** What `tbench baseline save` writes: small enough to commit, all that a later gate needs. */
export const baselineSchema = z.strictObject({
  kind: z.literal('tbench-baseline'),
  schema_version: z.literal(1),
  tbench_version: z.string(),
  saved_at: z.string(),
  name: z.string(),
  model: text,
  model_kind: text,
  agent: z.string(),
  dataset: z.strictObject({ name: z.string(), version: text, digest: text }),
  harness: z.strictObject({ name: z.string(), digest: text }).nullable(),
  budget_mode: text,
  clock_mode: text,
  timeout_multiplier: z.number(),
  overrides: z.array(z.string()),
  /** Planned trials of which there was no result. */
  missing: z.number().int().nonnegative().default(0),
  tasks: z.record(
    z.string(),
    z.strictObject({
      trials: z.number().int().nonnegative(),
      /** Rewards of the trials whose tests gave a verdict. */
      rewards: z.array(z.number()),
      digest: text,
    }),
  ),
});
export type Baseline = z.infer<typeof baselineSchema>;
