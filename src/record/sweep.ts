import { z } from 'zod';

/** `sweep.json` in a sweep's folder: which job stands for which revision of a model. */
export const sweepSchema = z.strictObject({
  kind: z.literal('tbench-sweep'),
  schema_version: z.literal(1),
  tbench_version: z.string(),
  model: z.string().min(1),
  revisions: z
    .array(
      z.strictObject({
        revision: z.string().min(1),
        /** Folder of its job, inside the sweep's. */
        job: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/),
      }),
    )
    .readonly(),
});

export type Sweep = z.infer<typeof sweepSchema>;
