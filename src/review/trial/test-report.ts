import { z } from 'zod';
import { tableSchema } from '../../base/table-schema.js';
import { readJson } from '../../results/read-file.js';

/** One test as the tests' own report (CTRF) tells it. */
export interface ReportedTest {
  readonly name: string;
  readonly status: string;
  readonly message: string | null;
  readonly durationMs: number | null;
}

/** What is beside a test's status may be odd: it still has its status. */
const testSchema = z.object({
  name: z.string(),
  status: z.string(),
  message: z.string().nullish().catch(null),
  trace: z.string().nullish().catch(null),
  duration: z.number().nullish().catch(null),
});
const schema = z.object({ results: z.object({ tests: z.array(testSchema) }) });
const maxBytes = 4 * 1024 * 1024;
const mostTests = 500;

/** What Terminal-Bench 1 keeps of its tests in a trial's results.json. */
const parsedSchema = z.object({ parser_results: tableSchema(z.string()) });

/** The tests of verifier/ctrf.json, else those of a Terminal-Bench 1 trial; none where there is no such report. */
export async function readReportedTests(dir: string): Promise<ReportedTest[]> {
  const read = await readJson(dir, 'verifier/ctrf.json', schema, maxBytes);
  if (read.kind !== 'value') return await readParsedTests(dir);
  return read.value.results.tests.map(({ name, status, message, trace, duration }) => ({
    name,
    status,
    message: trace ?? message ?? null,
    durationMs: duration ?? null,
  }));
}

async function readParsedTests(dir: string): Promise<ReportedTest[]> {
  const read = await readJson(dir, 'results.json', parsedSchema, maxBytes);
  const results = read.kind === 'value' ? read.value.parser_results : {};
  return Object.entries(results).map(([name, status]) => ({ name, status, message: null, durationMs: null }));
}

/** The same for a page: failures first, and not too many. */
export async function readTestReport(dir: string): Promise<ReportedTest[]> {
  const tests = await readReportedTests(dir);
  const passedLast = (test: ReportedTest): number => Number(test.status === 'passed');
  return tests.sort((a, b) => passedLast(a) - passedLast(b)).slice(0, mostTests);
}
