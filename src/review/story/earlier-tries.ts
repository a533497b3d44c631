import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { integritySchema } from '../../record/integrity.js';
import { readJson } from '../../results/read-file.js';
import { openForeignFile, readRange } from '../../base/foreign-file.js';

/** What came of a try of the same trial before the one that counts. */
export interface EarlierTry {
  readonly number: number;
  readonly ending: string | null;
  /** As it counted; null where it had no verdict. */
  readonly reward: number | null;
  /** What broke it, or for a try without a result the last step that its log knows. */
  readonly detail: string | null;
  /** It had a result, which somebody put aside (`tbench rerun`). */
  readonly wasDone: boolean;
}

/** A trial is made a few times; a stranger's folder may say otherwise. */
const triesRead = 100;
const maxLineBytes = 4096;

const recordSchema = z.looseObject({
  tbench: z.looseObject({ ending: z.string().nullish() }).nullish(),
  integrity: z.looseObject({ effective_reward: integritySchema.shape.effective_reward }).nullish(),
  exception_info: z.looseObject({ exception_type: z.string(), exception_message: z.string() }).nullish(),
});

/** What lies below `tries/` of a trial's folder, oldest first. */
export async function readEarlierTries(dir: string): Promise<readonly EarlierTry[]> {
  const names = await readdir(join(dir, 'tries')).catch(() => []);
  const numbers = names.map(Number).filter((number) => Number.isSafeInteger(number) && number > 0);
  return Promise.all(
    numbers
      .sort((a, b) => a - b)
      .slice(0, triesRead)
      .map((number) => readTry(dir, number)),
  );
}

async function readTry(dir: string, number: number): Promise<EarlierTry> {
  const shelf = join('tries', String(number));
  const record = await readJson(dir, join(shelf, 'result.superseded.json'), recordSchema);
  if (record.kind === 'value') {
    const { tbench, integrity, exception_info: broken } = record.value;
    const detail = broken == null ? null : `${broken.exception_type}: ${broken.exception_message}`;
    const reward = integrity?.effective_reward ?? null;
    return { number, ending: tbench?.ending ?? null, reward, detail, wasDone: true };
  }
  const broken = (await readEnd(dir, join(shelf, 'exception.txt'), 'first')) ?? null;
  const last = broken === null ? await readEnd(dir, join(shelf, 'trial.log'), 'last') : null;
  const detail = broken ?? (last === null ? null : `cut off; the last that its log knows: ${last}`);
  return { number, ending: null, reward: null, detail, wasDone: false };
}

/** The first or the last line of a file, of any size; null where there is none. */
async function readEnd(dir: string, path: string, which: 'first' | 'last'): Promise<string | null> {
  const opened = await openForeignFile(dir, path);
  if (opened.kind !== 'file') return null;
  await using file = opened.value;
  const { size } = await file.stat();
  const length = Math.min(size, maxLineBytes);
  const text = await readRange(file, { start: which === 'first' ? 0 : size - length, length });
  return (
    text
      .toString('utf8')
      .trim()
      .split('\n')
      .at(which === 'first' ? 0 : -1) || null
  );
}
