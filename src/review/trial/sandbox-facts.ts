import { z } from 'zod';
import { trialResultSchema } from '../../record/trial-result.js';
import { readParts } from '../../record/read-parts.js';
import { readJson } from '../../results/read-file.js';

const recordSchema = z.looseObject({
  tbench: z.unknown(),
  exception_info: z
    .object({ exception_type: z.string(), exception_message: z.string().nullish() })
    .nullish()
    .catch(null),
});
const vitalsSchema = z.object({
  memoryPeakBytes: z.number(),
  oomKills: z.number(),
  diskBytes: z.number(),
  throttledMs: z.number(),
});
const limitsSchema = z.object({
  cpus: z.number(),
  memoryBytes: z.number(),
  storageBytes: z.number(),
  pids: z.number(),
  network: z.string(),
});

/** What is recorded of a trial beside its verdict: where it ran, under which limits, what went wrong. */
export type TrialRecord = Awaited<ReturnType<typeof readTrialRecord>>;

/** Read part by part, so that a record of another version or harness tells what it can. */
export async function readTrialRecord(dir: string) {
  const read = await readJson(dir, 'result.json', recordSchema);
  const record = read.kind === 'value' ? read.value : null;
  const own = readParts(trialResultSchema.shape.tbench, record?.tbench);
  return {
    limits: readParts(limitsSchema, own.limits),
    vitals: readParts(vitalsSchema, own.vitals),
    clock: own.clock,
    phasesMs: own.phases_ms,
    image: own.image,
    tries: own.tries,
    endingDetail: own.ending_detail,
    warnings: own.warnings ?? [],
    exception: record?.exception_info ?? null,
  };
}
