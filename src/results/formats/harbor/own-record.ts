import { z } from 'zod';
import type { StoredTrial } from './harbor-schema.js';
import type { OddTurns } from '../../../record/trial-summary.js';
import { blames } from '../../../record/blame.js';
import { endings } from '../../../record/ending.js';
import { verdicts } from '../../../record/verdict.js';
import { verifierStatuses } from '../../../record/verifier-status.js';

/** What tbench adds to Harbor's trial record, read leniently so that older and newer records still score. */
const ownSchema = z.object({
  attempt: z.number().int().positive().nullish().catch(null),
  ending: z.enum(endings).nullish().catch(null),
  blame: z.enum(blames).nullish().catch(null),
  model_kind: z.enum(['live', 'replay', 'scripted', 'none']).nullish().catch(null),
  task_digest: z.string().nullish().catch(null),
  difficulty: z.string().nullish().catch(null),
  category: z.string().nullish().catch(null),
  metadata: z.record(z.string(), z.unknown()).nullish().catch(null),
  totals: z.record(z.string(), z.number().nullable()).nullish().catch(null),
  clock: z
    .object({ mode: z.string(), limit_ms: z.number().nullable(), wall_ms: z.number() })
    .nullish()
    .catch(null),
  phases_ms: z.record(z.string(), z.number()).nullish().catch(null),
});

const integritySchema = z.object({
  status: z.enum(verifierStatuses).nullish().catch(null),
  verdict: z.enum(verdicts).nullish().catch(null),
  raw_reward: z.number().nullish().catch(null),
  effective_reward: z.number().nullish().catch(null),
});

export type OwnRecord = NonNullable<ReturnType<typeof readOwnRecord>>;

/** The `tbench` and `integrity` parts of a trial; null for a record that tbench did not write. */
export function readOwnRecord(stored: StoredTrial) {
  if (stored.tbench === null || stored.tbench === undefined) return null;
  const own = ownSchema.parse(stored.tbench);
  const integrity = integritySchema.parse(stored.integrity ?? {});
  return {
    attempt: own.attempt ?? null,
    ending: own.ending ?? null,
    blame: own.blame ?? null,
    modelKind: own.model_kind ?? null,
    taskDigest: own.task_digest ?? null,
    difficulty: own.difficulty ?? null,
    category: own.category ?? null,
    metadata: own.metadata ?? {},
    turns: own.totals?.['turns'] ?? null,
    oddTurns: oddTurnsOf(own.totals ?? {}),
    clock:
      own.clock === null || own.clock === undefined
        ? null
        : { mode: own.clock.mode, limitMs: own.clock.limit_ms, wallMs: own.clock.wall_ms },
    phasesMs: own.phases_ms ?? {},
    status: integrity.status ?? null,
    verdict: integrity.verdict ?? null,
    rawReward: integrity.raw_reward ?? null,
    effectiveReward: integrity.effective_reward ?? null,
  };
}

/** Null for agents without turns, and for records that count none of them. */
function oddTurnsOf(totals: Readonly<Record<string, number | null>>): OddTurns | null {
  if (totals['turns'] === null || totals['turns'] === undefined || totals['turns'] === 0) return null;
  const count = (key: string): number => totals[key] ?? 0;
  return {
    formatErrors: count('formatErrors'),
    truncated: count('truncatedTurns'),
    recoveredCalls: count('recoveredCalls'),
    droppedThoughts: count('droppedThoughtTurns'),
    requestRetries: count('requestRetries'),
  };
}
