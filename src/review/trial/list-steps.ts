import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readSteps } from '../../results/formats/harbor/read-steps.js';
import { readJson } from '../../results/read-file.js';

/** Where a trial keeps what its steps left, relative to its folder. */
const stepsFolder = 'steps';
/** More steps than any task has: a stranger's folder must not fill a page. */
const mostSteps = 100;

/** The folder of a step, relative to its trial's. */
export function stepFolder(step: string): string {
  return join(stepsFolder, step);
}

/**
 * The steps of a trial that have a folder, in the order they were begun; none for a task of one step. A trial's result knows the
 * order; of a running one the folders' own times tell it. Names come from the folder alone, so that none leads out of it.
 */
export async function listSteps(trialDir: string): Promise<string[]> {
  const dir = join(trialDir, stepsFolder);
  if ((await lstat(dir).catch(() => null))?.isDirectory() !== true) return [];
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const recorded = await recordedSteps(trialDir);
  const found = await Promise.all(
    names.slice(0, mostSteps).map(async (name) => {
      const place = recorded.indexOf(name);
      const bornMs = (await lstat(join(dir, name)).catch(() => null))?.birthtimeMs ?? 0;
      return { name, place: place < 0 ? recorded.length : place, bornMs };
    }),
  );
  return found
    .sort((a, b) => a.place - b.place || a.bornMs - b.bornMs || (a.name < b.name ? -1 : 1))
    .map(({ name }) => name);
}

const recordSchema = z.looseObject({ step_results: z.unknown() });

async function recordedSteps(trialDir: string): Promise<string[]> {
  const record = await readJson(trialDir, 'result.json', recordSchema);
  return record.kind === 'value' ? readSteps(record.value.step_results).map(({ name }) => name) : [];
}
