import type { HarborTrial } from './harbor-schema.js';
import { integritySchema } from '../../../record/integrity.js';
import { readParts } from '../../../record/read-parts.js';
import { trialResultSchema } from '../../../record/trial-result.js';
import type { OddTurns } from '../../../record/trial-summary.js';

export type OwnRecord = NonNullable<ReturnType<typeof readOwnRecord>>;

/** The `tbench` and `integrity` parts of a trial; null for a record that tbench did not write. */
export function readOwnRecord(stored: HarborTrial) {
  if (stored.tbench === null || stored.tbench === undefined) return null;
  const own = readParts(trialResultSchema.shape.tbench, stored.tbench);
  const integrity = readParts(integritySchema, stored.integrity);
  return {
    attempt: own.attempt,
    ending: own.ending,
    blame: own.blame,
    modelKind: own.model_kind,
    taskDigest: own.task_digest,
    difficulty: own.difficulty,
    category: own.category,
    turns: own.totals?.['turns'] ?? null,
    oddTurns: oddTurnsOf(own.totals ?? {}),
    clock:
      own.clock === null
        ? null
        : {
            mode: own.clock.mode,
            limitMs: own.clock.limit_ms,
            wallMs: own.clock.wall_ms,
            serverShare: own.clock.server_share ?? null,
          },
    phasesMs: own.phases_ms ?? {},
    status: integrity.status,
    verdict: integrity.verdict,
    rawReward: integrity.raw_reward,
    effectiveReward: integrity.effective_reward,
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
