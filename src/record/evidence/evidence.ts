import { z } from 'zod';
import { readParts, type Parts } from '../read-parts.js';
import { sceneEvidenceSchema } from './scene-evidence.js';
import { testEvidenceSchema } from './test-evidence.js';

/** What came of running the tests of a pass with one more that must fail. */
export const negativeControlSchema = z.object({
  outcome: z.enum(['held', 'fooled', 'inconclusive', 'skipped']),
  reason: z.string(),
});
export type NegativeControl = Readonly<z.infer<typeof negativeControlSchema>>;

/** What a fresh container made from the agent's files says of the same tests. */
export const secondOpinionSchema = z.object({
  outcome: z.enum(['agrees', 'disagrees', 'inconclusive', 'skipped']),
  reward: z.number().nullable(),
  reason: z.string(),
});
export type SecondOpinion = Readonly<z.infer<typeof secondOpinionSchema>>;

/** All that a verdict rests on: `integrity.evidence` of a trial's result.json. */
export const evidenceSchema = z.object({
  ...testEvidenceSchema.shape,
  negative_control: negativeControlSchema,
  isolated: secondOpinionSchema,
  /** Null for tests that ran in an environment of their own. */
  scene: sceneEvidenceSchema.nullable(),
  /** How often the test script was run, 1 normally. */
  tries: z.number(),
  /** Time of our own looks, without the tests. */
  checks_ms: z.number(),
});
export type Evidence = Readonly<z.infer<typeof evidenceSchema>>;

/** Evidence as a record of another version may hold it: null for each part that is missing or of another shape. */
export type StoredEvidence = Parts<typeof evidenceSchema>;

export function readStoredEvidence(value: unknown): StoredEvidence {
  return readParts(evidenceSchema, value);
}
