import { z } from 'zod';

/** `sweep.json` in a sweep's folder: which job stands for which revision of a model. */
export const sweepSchema = z.object({
  kind: z.literal('tbench-sweep'),
  schema_version: z.literal(1),
  tbench_version: z.string(),
  model: z.string().min(1),
  revisions: z
    .array(
      z.strictObject({
        revision: z.string().min(1),
        /** What the revision stood for when it was found; null where its source has no commits, or was not asked. */
        commit: z.string().nullable().default(null),
        /** Folder of its job, inside the sweep's. */
        job: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/),
        /** The shell commands that started its servers, each once; empty where one ran already. */
        server_commands: z.array(z.string()).readonly().default([]),
      }),
    )
    .readonly(),
  /** Revisions that `--every` passed over: where the n-th stands is counted with them, also once they are deleted. */
  passed: z.array(z.string()).readonly().default([]),
});

export type Sweep = z.infer<typeof sweepSchema>;
