import type { HarborTrial } from './harbor-schema.js';
import { integritySchema } from '../../../record/integrity.js';
import { foreignCount, foreignMs, isReward } from '../foreign-number.js';
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
    task: own.task ?? null,
    attempt: own.attempt,
    ending: own.ending,
    blame: own.blame,
    modelKind: own.model_kind,
    taskDigest: own.task_digest,
    difficulty: own.difficulty,
    category: own.category,
    turns: countOf(own.totals?.['turns']),
    oddTurns: oddTurnsOf(own.totals ?? {}),
    clock:
      own.clock === null
        ? null
        : {
            mode: own.clock.mode,
            limitMs: own.clock.limit_ms,
            wallMs: own.clock.wall_ms,
            serverShare: own.clock.server_share ?? null,
            pausedMs: own.clock.pause_ms ?? 0,
          },
    phasesMs: Object.fromEntries(
      Object.entries(own.phases_ms ?? {}).map(([name, ms]) => [name, foreignMs(ms)]),
    ),
    status: integrity.status,
    verdict: integrity.verdict,
    rawReward: isReward(integrity.raw_reward) ? integrity.raw_reward : null,
    effectiveReward: isReward(integrity.effective_reward) ? integrity.effective_reward : null,
  };
}

/** Null for agents without turns, and for records that count none of them. */
function oddTurnsOf(totals: Readonly<Record<string, number | null>>): OddTurns | null {
  if ((countOf(totals['turns']) ?? 0) === 0) return null;
  const count = (key: string): number => countOf(totals[key]) ?? 0;
  return {
    formatErrors: count('formatErrors'),
    truncated: count('truncatedTurns'),
    recoveredCalls: count('recoveredCalls'),
    droppedThoughts: count('droppedThoughtTurns'),
    requestRetries: count('requestRetries'),
  };
}

function countOf(value: number | null | undefined): number | null {
  return foreignCount.parse(value) ?? null;
}
