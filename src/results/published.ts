import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { InputError } from '../base/errors.js';

const setup = z.strictObject({
  backend: z.string(),
  timeouts: z.string(),
  harness: z.string(),
  server: z.string(),
  restarts: z.string().optional(),
});

const cell = z.strictObject({ mean: z.number(), spread: z.number().nullable() });

const tableSchema = z.strictObject({
  title: z.string(),
  source: z.strictObject({ kind: z.string(), id: z.string() }),
  unit: z.literal('percent'),
  n_runs: z.number().int().positive(),
  spread_as_stated: z.string().nullable(),
  setup,
  remarks: z.array(z.string()),
  rows: z.array(
    z.strictObject({
      table: z.string(),
      model: z.string(),
      printed_as: z.string().optional(),
      harness: z.string().nullable(),
      n_runs: z.number().int().positive().optional(),
      setup: setup.optional(),
      cells: z.record(z.string(), cell),
    }),
  ),
});

type PublishedTable = z.infer<typeof tableSchema>;

/** One published number: `mean ± spread` in percent, as printed. */
export interface PublishedCell {
  readonly source: string;
  /** Number of the table in its source; `card` for a model card. */
  readonly table: string;
  readonly model: string;
  readonly harness: string | null;
  readonly dataset: string;
  readonly mean: number;
  readonly spread: number | null;
  readonly runs: number;
  readonly setup: z.infer<typeof setup>;
}

const shippedDir = fileURLToPath(new URL('../../results/published', import.meta.url));

/** All published numbers of a folder of tables; of those that ship with tbench. Throws `InputError` on a bad file. */
export async function loadPublished(dir = shippedDir): Promise<PublishedCell[]> {
  const files = (await readdir(dir)).filter((name) => name.endsWith('.json')).sort();
  const tables = await Promise.all(files.map((name) => loadTable(join(dir, name))));
  return tables.flatMap(cellsOf);
}

async function loadTable(path: string): Promise<PublishedTable> {
  const parsed = tableSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
  if (!parsed.success) throw new InputError(`${path}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function cellsOf(table: PublishedTable): PublishedCell[] {
  return table.rows.flatMap((row) =>
    Object.entries(row.cells).map(([dataset, { mean, spread }]) => ({
      source: table.source.id,
      table: row.table,
      model: row.model,
      harness: row.harness,
      dataset,
      mean,
      spread,
      runs: row.n_runs ?? table.n_runs,
      setup: row.setup ?? table.setup,
    })),
  );
}
