import { z } from 'zod';
import { trialEventSchema } from '../../record/event.js';
import { runSpecSchema } from '../../record/run-spec.js';
import { trialSpecSchema } from '../../record/trial-spec.js';
import { tryOutcomeSchema } from '../../record/try-outcome.js';

/** Bytes that lie in Redis in pieces, and what proves that they came whole. */
const archiveSchema = z.strictObject({
  key: z.string(),
  /** Bounded, since each is fetched and removed by itself. */
  pieces: z.number().int().nonnegative().max(4096),
  bytes: z.number().int().nonnegative(),
  sha256: z.string(),
});
export type Archive = z.infer<typeof archiveSchema>;

/**
 * One try of a trial on its way to a worker. Datasets are named by what the worker can fetch itself, or come as an archive
 * of the task's folder; the harness comes as its text. No key, no value of a variable and no folder of a host is in it.
 */
export const trialMessageSchema = z.strictObject({
  spec: trialSpecSchema,
  run: runSpecSchema,
  harness: z.string().nullable(),
  task: z.strictObject({
    checksum: z.string(),
    origin: z.strictObject({ url: z.string(), commit: z.string() }).nullable(),
    /** Null for a dataset that every tbench can fetch by its name. */
    content: archiveSchema.nullable(),
  }),
  need: z.strictObject({ cpus: z.number(), memoryBytes: z.number() }),
});
export type TrialMessage = z.infer<typeof trialMessageSchema>;

/** How a message ended at a worker that has done with it: the queue keeps it as what the worker returned. */
export type Ended = 'made' | 'cancelled';

/** What a worker sends when a try is over: the outcome, and the trial's folder but for its result.json. */
export const deliverySchema = z.strictObject({
  trial: z.string(),
  tries: z.number().int().positive(),
  worker: z.string(),
  outcome: tryOutcomeSchema,
  folder: archiveSchema,
  /** What the folder's archive has no room for. */
  leftOut: z.array(z.string()),
});
export type Delivery = z.infer<typeof deliverySchema>;

/** What can be seen of a trial while it runs elsewhere, or why a worker cannot make it: another one may. */
export const progressSchema = z.strictObject({
  events: z.array(trialEventSchema),
  refusal: z.strictObject({ worker: z.string(), reason: z.string() }).nullable(),
});
export type Progress = z.infer<typeof progressSchema>;
