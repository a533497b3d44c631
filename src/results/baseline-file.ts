import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { InputError } from '../base/errors.js';
import { writeFileAtomic } from './write-file.js';

const text = z.string().nullable();

/** What `tbench baseline save` writes: small enough to commit, all that a later gate needs. */
export const baselineSchema = z.strictObject({
  kind: z.literal('tbench-baseline'),
  schema_version: z.literal(1),
  tbench_version: z.string(),
  saved_at: z.string(),
  name: z.string(),
  model: text,
  model_kind: text,
  agent: z.string(),
  dataset: z.strictObject({ name: z.string(), version: text, digest: text }),
  harness: z.strictObject({ name: z.string(), digest: text }).nullable(),
  budget_mode: text,
  clock_mode: text,
  timeout_multiplier: z.number(),
  overrides: z.array(z.string()),
  /** Planned trials of which there was no result. */
  missing: z.number().int().nonnegative().default(0),
  tasks: z.record(
    z.string(),
    z.strictObject({
      trials: z.number().int().nonnegative(),
      /** Rewards of the trials whose tests gave a verdict. */
      rewards: z.array(z.number()),
      digest: text,
    }),
  ),
});
export type Baseline = z.infer<typeof baselineSchema>;

/** Reads a baseline file. Throws `InputError` naming the file and the first thing wrong with it. */
export async function readBaseline(path: string): Promise<Baseline> {
  let data: unknown;
  try {
    data = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new InputError(`cannot read the baseline ${path}`, { cause: error });
  }
  const parsed = baselineSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new InputError(`${path} is no baseline file: ${z.prettifyError(parsed.error).split('\n')[0] ?? ''}`, {
    hint: 'Make one with: tbench baseline save JOB --out FILE',
  });
}

/** Writes a baseline with one line a task, so that its changes read well in a diff. */
export async function writeBaseline(path: string, baseline: Baseline): Promise<void> {
  const { tasks, ...head } = baseline;
  const lines = Object.keys(tasks)
    .sort()
    .map((name) => `    ${JSON.stringify(name)}: ${JSON.stringify(tasks[name])}`);
  const opening = JSON.stringify(head, null, 2).replace(/\n\}$/, '');
  await writeFileAtomic(path, `${opening},\n  "tasks": {\n${lines.join(',\n')}\n  }\n}\n`);
}
