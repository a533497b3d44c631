import { z } from 'zod';
import { evidenceSchema } from './evidence/evidence.js';
import { findingSchema } from './finding.js';
import { verdicts } from './verdict.js';
import { verifierStatuses } from './verifier-status.js';

/** `integrity` of a trial's result.json: how far its verdict can be trusted, and why. */
export const integritySchema = z.object({
  status: z.enum(verifierStatuses),
  verdict: z.enum(verdicts),
  /** What an upstream harness would have recorded; null when there was no reward. */
  raw_reward: z.number().nullable(),
  /** What the headline uses. */
  effective_reward: z.number(),
  /** Null for a task of several steps: each has its own. */
  evidence: evidenceSchema.nullable(),
  findings: z.array(findingSchema),
});
