import { z } from 'zod';
import type { ReportCounts } from '../../record/evidence/test-evidence.js';
import { parseJson } from '../../base/json-value.js';

const count = z.number().int().nonnegative();
const ctrfSchema = z.object({
  results: z.object({
    summary: z.object({
      tests: count,
      passed: count,
      failed: count,
      skipped: count.default(0),
      pending: count.default(0),
      other: count.default(0),
    }),
  }),
});

/** The counts of a CTRF report (the way Terminal-Bench tasks have pytest write it); null when the text is not one. The file is the sandbox's: nothing else of it is used. */
export function parseCtrf(text: string): ReportCounts | null {
  const report = ctrfSchema.safeParse(parseJson(text));
  if (!report.success) return null;
  const { tests, passed, failed, skipped, pending, other } = report.data.results.summary;
  return { tests, passed, failed, skipped, other: pending + other };
}
