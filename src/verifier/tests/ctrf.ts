import { z } from 'zod';

/** Counts of a test report (CTRF, https://ctrf.io), the way Terminal-Bench tasks have pytest write it. */
export interface ReportCounts {
  readonly tests: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Pending and other outcomes (expected failures and the like). */
  readonly other: number;
}

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

/** The counts of a CTRF report; null when the text is not one. The file is the sandbox's: nothing else of it is used. */
export function parseCtrf(text: string): ReportCounts | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const report = ctrfSchema.safeParse(value);
  if (!report.success) return null;
  const { tests, passed, failed, skipped, pending, other } = report.data.results.summary;
  return { tests, passed, failed, skipped, other: pending + other };
}
