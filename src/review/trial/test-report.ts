import { z } from 'zod';
import { readJson } from '../../results/read-file.js';

/** One test as the tests' own report (CTRF) tells it. */
export interface ReportedTest {
  readonly name: string;
  readonly status: string;
  readonly message: string | null;
  readonly durationMs: number | null;
}

const schema = z.object({
  results: z.object({
    tests: z.array(
      z.object({
        name: z.string(),
        status: z.string(),
        message: z.string().nullish(),
        trace: z.string().nullish(),
        duration: z.number().nullish(),
      }),
    ),
  }),
});
const maxBytes = 4 * 1024 * 1024;
const mostTests = 500;

/** The tests of verifier/ctrf.json, failures first; none where there is no such report. */
export async function readTestReport(dir: string): Promise<ReportedTest[]> {
  const read = await readJson(dir, 'verifier/ctrf.json', schema, maxBytes);
  if (read.kind !== 'value') return [];
  const tests = read.value.results.tests.map(({ name, status, message, trace, duration }) => ({
    name,
    status,
    message: trace ?? message ?? null,
    durationMs: duration ?? null,
  }));
  const passedLast = (test: ReportedTest): number => Number(test.status === 'passed');
  return tests.sort((a, b) => passedLast(a) - passedLast(b)).slice(0, mostTests);
}
