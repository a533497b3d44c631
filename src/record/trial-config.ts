import { z } from 'zod';

const text = z.string().nullable();

/**
 * `config.json` of a trial: what it was run with, in Harbor's shape. Named here is what tbench decides; Harbor's other keys
 * hold its defaults (src/results/formats/harbor/config.ts) and may differ from version to version. 0.1.0 wrote the
 * same keys, with the digest of the task under `ref`.
 */
export const trialConfigSchema = z.looseObject({
  trial_name: z.string(),
  trials_dir: z.string(),
  job_id: z.string(),
  task: z.looseObject({
    /** Of a task of a git repository its name there, else its folder. */
    path: z.string(),
    git_url: text,
    git_commit_id: text,
    /** Name of the dataset. */
    source: text,
  }),
  /** Multiplies every timeout of the task. */
  timeout_multiplier: z.number(),
  agent: z.looseObject({ name: z.string(), model_name: text }),
  environment: z.looseObject({
    type: z.string(),
    force_build: z.boolean(),
    /** Whether its sandboxes are removed in the end. */
    delete: z.boolean(),
  }),
});
export type TrialConfig = z.infer<typeof trialConfigSchema>;
