import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { eventLineSchema } from '../../src/record/event.js';
import { jobConfigSchema } from '../../src/record/job-config.js';
import { jobResultSchema } from '../../src/record/job-result.js';
import { journalEntrySchema } from '../../src/record/journal-entry.js';
import { readParts } from '../../src/record/read-parts.js';
import { trialConfigSchema } from '../../src/record/trial-config.js';
import { trialResultSchema } from '../../src/record/trial-result.js';
import { baselineSchema } from '../../src/record/baseline.js';
import { readBaseline, writeBaseline } from '../../src/results/baseline-file.js';
import { openJournal } from '../../src/results/journal.js';
import { readJson } from '../../src/results/read-file.js';
import { readJournal } from '../../src/results/read-journal.js';
import { writeJson } from '../../src/results/write-file.js';
import { arbitraryOf } from '../doubles/arbitrary-of.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tbench-round-trip-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const few = { numRuns: 25 };

/** Writes and reads one JSON file as the job folder has it. */
async function expectRoundTrip<T>(schema: z.ZodType<T>): Promise<void> {
  const path = join(dir, 'file.json');
  await fc.assert(
    fc.asyncProperty(arbitraryOf(schema), async (value) => {
      await writeJson(path, value);
      expect(await readJson(dir, 'file.json', schema)).toEqual({ kind: 'value', value });
    }),
    few,
  );
}

describe('what is written of a job is read as it was', () => {
  it("a trial's result.json", () => expectRoundTrip(trialResultSchema));
  it("a trial's config.json", () => expectRoundTrip(trialConfigSchema));
  it("a job's config.json", () => expectRoundTrip(jobConfigSchema));
  it("a job's result.json", () => expectRoundTrip(jobResultSchema));
  it('a line of events.jsonl', () => expectRoundTrip(eventLineSchema));

  it('a journal', async () => {
    let file = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(arbitraryOf(journalEntrySchema), { maxLength: 5 }), async (entries) => {
        const path = join(dir, `journal-${(file += 1)}.jsonl`);
        {
          await using journal = await openJournal(path);
          for (const entry of entries) await journal.append(entry);
        }
        expect(await readJournal(path)).toEqual({ entries, skipped: [] });
      }),
      few,
    );
  });

  it('a baseline file', async () => {
    const path = join(dir, 'baseline.json');
    await fc.assert(
      fc.asyncProperty(arbitraryOf(baselineSchema), async (baseline) => {
        await writeBaseline(path, baseline);
        expect(await readBaseline(path)).toEqual(baseline);
      }),
      few,
    );
  });
});

it('a record of which one part is missing or of another shape still tells the others', () => {
  const own = trialResultSchema.shape.tbench;
  const nothing = Object.fromEntries(Object.keys(own.shape).map((key) => [key, null]));
  fc.assert(
    fc.property(arbitraryOf(own), fc.constantFrom(...Object.keys(own.shape)), (value, key) => {
      expect(readParts(own, { ...value, [key]: Symbol('odd') })).toEqual({
        ...nothing,
        ...value,
        [key]: null,
      });
    }),
    few,
  );
});
