import { z } from 'zod';
import { modelKinds } from './model-kind.js';
import { recordVersion } from './record-version.js';
import { shardSchema } from './run-spec.js';

const taskPin = z.object({
  name: z.string(),
  /** Package digest, `sha256:...`. */
  digest: z.string(),
  /** dirhash checksum, bare hex: what Harbor stores as `task_checksum`. */
  checksum: z.string(),
});
/** A task of a job and what its files were. */
export type TaskPin = z.infer<typeof taskPin>;

/** What decides whether two jobs are the same thing, and what only informs. */
const ownPart = z.looseObject({
  record_version: z.literal(recordVersion),
  version: z.string(),
  job_id: z.string(),
  agent: z.string(),
  model: z.string().nullable(),
  model_kind: z.enum(modelKinds),
  harness: z
    .looseObject({ name: z.string(), digest: z.string(), budget: z.record(z.string(), z.unknown()) })
    .nullable(),
  clock: z.string(),
  dataset: z.looseObject({
    name: z.string(),
    version: z.string().nullable(),
    origin: z.object({ url: z.string(), commit: z.string() }).nullable(),
    /** Over names and digests of all its tasks, chosen or not. Jobs of 0.1.0 lack it. */
    digest: z.string().nullish(),
  }),
  tasks: z.array(taskPin),
  /** The run as it was asked for. Jobs of 0.1.0 lack it. */
  run: z.looseObject({ shard: shardSchema.nullish() }).optional(),
});

/** `config.json` of a job. Harbor's keys first, so that its readers work on our folders; `tbench` holds ours. */
export const jobConfigSchema = z.looseObject({
  job_name: z.string(),
  n_attempts: z.number().int().positive(),
  timeout_multiplier: z.number(),
  tbench: ownPart,
});
export type JobConfig = z.infer<typeof jobConfigSchema>;

/** The part of a job's config.json that only tbench writes. */
export const ownJobConfigSchema = ownPart;
