import { z } from 'zod';

/** `sweep.json` in a sweep's folder: which job stands for which revision of a model. */
export const sweepSchema = z.strictObject({
  kind: z.literal('tbench-sweep'),
  schema_version: z.literal(1),
  tbench_version: z.string(),
  model: z.string().min(1),
  /** Shell command that starts a server; null where all ran already, or as `tbench serve` prints it. */
  serve_command: z.string().nullable().default(null),
  revisions: z
    .array(
      z.strictObject({
        revision: z.string().min(1),
        /** What the revision stood for when it was found; null where its source has no commits, or was not asked. */
        commit: z.string().nullable().default(null),
        /** Folder of its job, inside the sweep's. */
        job: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/),
      }),
    )
    .readonly(),
});

export type Sweep = z.infer<typeof sweepSchema>;
