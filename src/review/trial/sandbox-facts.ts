import { z } from 'zod';
import { trialResultSchema } from '../../record/trial-result.js';
import { readParts } from '../../record/read-parts.js';
import { readJson } from '../../results/read-file.js';

const exceptionSchema = z
  .object({ exception_type: z.string(), exception_message: z.string().nullish() })
  .nullish()
  .catch(null);
const partSchema = z.looseObject({ tbench: z.unknown(), exception_info: exceptionSchema });
const recordSchema = partSchema.extend({
  step_results: z
    .array(partSchema.extend({ step_name: z.string() }))
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

/**
 * Read part by part, so that a record of another version or harness tells what it can. With `step`, the times and the failure of
 * that step, in the sandbox of them all.
 */
export async function readTrialRecord(dir: string, step: string | null = null) {
  const read = await readJson(dir, 'result.json', recordSchema);
  const record = read.kind === 'value' ? read.value : null;
  const own = readParts(trialResultSchema.shape.tbench, record?.tbench);
  const ofStep =
    step === null ? undefined : record?.step_results?.find(({ step_name }) => step_name === step);
  const { clock, phases_ms, ending_detail } =
    ofStep === undefined ? own : readParts(trialResultSchema.shape.tbench, ofStep.tbench);
  return {
    limits: readParts(limitsSchema, own.limits),
    vitals: readParts(vitalsSchema, own.vitals),
    clock,
    phasesMs: phases_ms,
    image: own.image,
    tries: own.tries,
    endingDetail: ending_detail,
    warnings: own.warnings ?? [],
    exception: (ofStep ?? record)?.exception_info ?? null,
  };
}
