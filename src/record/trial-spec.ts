import { z } from 'zod';
import { answeringKinds } from './model-kind.js';
import { agentKinds, runSpecSchema } from './run-spec.js';

const run = runSpecSchema.shape;
/** What becomes the name of a folder where the trial is made: never a way out of the folder above it. */
const folderName = z.string().regex(/^(?!\.)[^/\\\0]{1,255}$/);
const named = z.strictObject({ id: folderName, name: z.string() });

/**
 * One try of a trial to be made, as plain data that may travel to another host. Whoever makes it has its own copy of
 * the dataset, its own harness files, container engine and model servers: digests say that they are the same ones.
 * No folder, address, key or value of a host's variable is in it.
 */
export const trialSpecSchema = z.strictObject({
  job: named,
  dataset: z.strictObject({ name: z.string(), version: z.string().nullable(), digest: z.string() }),
  task: z.strictObject({ name: folderName, digest: folderName }),
  /** 1-based; run i of a job is attempt i of every task. */
  attempt: z.number().int().positive(),
  /** Which try of this attempt it is, 1 for the first. */
  tries: z.number().int().positive(),
  agent: z.enum(agentKinds),
  model: z.strictObject({ name: z.string(), kind: z.enum(answeringKinds) }).nullable(),
  harness: z.strictObject({ name: z.string(), digest: z.string() }).nullable(),
  settings: run.trial,
});
export type TrialSpec = z.infer<typeof trialSpecSchema>;
