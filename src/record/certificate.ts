import { z } from 'zod';

const text = z.string().nullable();
const number = z.number().nullable();
const digests = z.record(z.string(), z.string());

const statistics = z.strictObject({
  n_tasks: z.number(),
  n_trials: z.number(),
  /** Trials whose tests gave a verdict; the others count 0 in the mean. */
  measured: z.number(),
  passes: z.number(),
  mean: z.number(),
  /** The table's ±: over runs. */
  std: number,
  runs: z.array(z.number()),
  fixed_task_standard_error: number,
  clustered_standard_error: number,
  bootstrap_95: z.array(z.number()).nullable(),
  pass_at_k: z.record(z.string(), z.number()),
});
export type CertifiedStatistics = z.infer<typeof statistics>;

const trial = z.strictObject({
  task: z.string(),
  attempt: number,
  measured: z.boolean(),
  /** What the headline counts, and what the tests wrote. */
  effective_reward: z.number(),
  reward: number,
  verdict: text,
  status: text,
  ending: text,
  blame: text,
  /** SHA-256 of its files by their path in the trial's folder; of folders with what the task or its agent made, over all in them. */
  files: digests,
});
export type CertifiedTrial = z.infer<typeof trial>;

const content = {
  kind: z.literal('tbench-certificate'),
  schema_version: z.literal(1),
  tbench_version: z.string(),
  made_at: z.string(),
  job: z.strictObject({
    name: z.string(),
    tbench_version: z.string(),
    agent: z.string(),
    model: text,
    model_kind: text,
    /** From the sweep that the job is part of, or as `--revision` stated it. */
    revision: z.strictObject({ name: z.string(), commit: text }).nullable(),
    dataset: z.strictObject({ name: z.string(), version: text, digest: text, origin: z.unknown() }),
    harness: z.strictObject({ name: z.string(), digest: text, budget: z.unknown() }).nullable(),
    clock: z.string(),
    timeout_multiplier: z.number(),
    /** Settings that are not the tasks' own. */
    overrides: z.array(z.string()).readonly(),
    attempts: z.number(),
    settings: z.unknown(),
  }),
  engine: z.record(z.string(), z.unknown()),
  server: z.strictObject({
    versions: z.array(z.string()).readonly(),
    /** The commands that served it, a line each: kept by its sweep, or as `--server-command` stated it; null where nobody said. */
    command: text,
  }),
  tasks: z.record(
    z.string(),
    z.strictObject({
      /** Of the whole package, and Harbor's checksum of it. */
      digest: z.string(),
      checksum: z.string(),
      /** Of the tests as they were read back from the sandbox, and of the images that it was made from. */
      tests: z.array(z.string()).readonly(),
      images: z.array(z.string()).readonly(),
      /** In force, as read back from the engine. */
      limits: z.array(z.unknown()).readonly(),
    }),
  ),
  /** Files of the job's own folder. */
  files: digests,
  /** By folder name: what a stranger's file names must not lead out of the job. */
  trials: z.record(z.string().regex(/^(?!\.{1,2}$)[^/\\\0]+$/), trial),
  statistics,
};

/** What `tbench certify` writes. */
export const certificateSchema = z.strictObject({
  ...content,
  /** SHA-256 of all above, as JSON without spaces. */
  digest: z.string(),
});
export type Certificate = z.infer<typeof certificateSchema>;
export type CertificateContent = Omit<Certificate, 'digest'>;
