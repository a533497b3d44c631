import { z } from 'zod';

const count = z.number();

/** Counts of a test report (CTRF, https://ctrf.io). `other`: pending, expected failures and the like. */
export const reportCountsSchema = z.object({
  tests: count,
  passed: count,
  failed: count,
  skipped: count,
  other: count,
});
export type ReportCounts = Readonly<z.infer<typeof reportCountsSchema>>;

/** Why tests could not start, recognised from what the verifier printed. */
export const bootstrapFailureSchema = z.object({
  cause: z.enum([
    'disk-full',
    'package-lock',
    'package-interrupted',
    'network',
    'out-of-memory',
    'tool-missing',
  ]),
  /** The line that shows the root cause. */
  line: z.string(),
  /** Every line that some cause was recognised in, joined; bounded. */
  evidence: z.string(),
});
export type BootstrapFailure = Readonly<z.infer<typeof bootstrapFailureSchema>>;

/** The uploaded tests: as sent, as read back before the run, as found after it. */
const testsSchema = z.object({
  files: count,
  /** SHA-256 over path and digest of every uploaded file. */
  digest: z.string(),
  /** The tests themselves speak of skipping or expected failures. */
  may_skip: z.boolean(),
  /** What was read back equalled what was sent. */
  verified: z.boolean(),
  /** Uploaded files that were changed or gone after the run. */
  changed: z.array(z.string()).readonly(),
  /** Files that the run added below /tests; normal. */
  added: count,
});

const runnerSchema = z.object({
  applicable: z.boolean(),
  started: z.boolean(),
  summary: z.string().nullable(),
  passed: count,
  failed: count,
  errors: count,
  rootdir_applicable: z.boolean(),
  rootdir: z.string().nullable(),
});

/**
 * What one run of the tests left behind. `applicable` says whether the task's test script leaves this kind of
 * evidence at all; what does not apply is never held against anyone.
 */
export const testEvidenceSchema = z.object({
  reward: z.object({ file: z.string().nullable(), text: z.string().nullable(), value: count.nullable() }),
  trace: z.object({ applicable: z.boolean(), commands: count, reward: count.nullable() }),
  report: z.object({ applicable: z.boolean(), counts: reportCountsSchema.nullable() }),
  runner: runnerSchema,
  bootstrap: bootstrapFailureSchema.nullable(),
  /** Exit code of the test script; null when it could not be started. Never used for the reward. */
  exit_code: count.nullable(),
  timed_out: z.boolean(),
  tests: testsSchema,
  output_bytes: count,
  tests_ms: count,
});
export type TestEvidence = Readonly<z.infer<typeof testEvidenceSchema>>;
