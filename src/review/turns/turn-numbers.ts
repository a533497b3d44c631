import { z } from 'zod';
import { readJson } from '../../results/read-file.js';
import { noNumbers, type TurnNumbers } from './turn.js';

const number = z.number().nullish();
const timingSchema = z.array(
  z.object({
    llm_s: number,
    bash_s: number,
    return_code: number,
    queue_s: number,
    first_token_s: number,
    retry_wait_s: number,
  }),
);
const usageSchema = z.object({
  turns: z
    .array(z.object({ prompt_tokens: number, completion_tokens: number, cached_tokens: number }))
    .nullish(),
});
const maxBytes = 8 * 1024 * 1024;

/** What agent/timing.json and agent/usage.json tell of each turn, in order; small files, whichever harness wrote them. */
export async function readTurnNumbers(dir: string): Promise<TurnNumbers[]> {
  const timing = await readJson(dir, 'agent/timing.json', timingSchema, maxBytes);
  const usage = await readJson(dir, 'agent/usage.json', usageSchema, maxBytes);
  const rows = timing.kind === 'value' ? timing.value : [];
  const tokens = usage.kind === 'value' ? (usage.value.turns ?? []) : [];
  return Array.from({ length: Math.max(rows.length, tokens.length) }, (_, index) => {
    const [row, used] = [rows[index], tokens[index]];
    return {
      promptTokens: used?.prompt_tokens ?? null,
      outputTokens: used?.completion_tokens ?? null,
      cachedTokens: used?.cached_tokens ?? null,
      modelMs: milliseconds(row?.llm_s),
      firstTokenMs: milliseconds(row?.first_token_s),
      waitMs:
        row?.queue_s == null && row?.retry_wait_s == null
          ? null
          : ((row.queue_s ?? 0) + (row.retry_wait_s ?? 0)) * 1000,
      commandMs: milliseconds(row?.bash_s),
      exitCode: row?.return_code ?? null,
    };
  });
}

/** The first of two records that says something, number by number. */
export function mergeNumbers(
  first: Partial<TurnNumbers>,
  second: Partial<TurnNumbers> = noNumbers,
): TurnNumbers {
  const keys = Object.keys(noNumbers) as (keyof TurnNumbers)[];
  return { ...noNumbers, ...Object.fromEntries(keys.map((key) => [key, first[key] ?? second[key] ?? null])) };
}

function milliseconds(seconds: number | null | undefined): number | null {
  return seconds == null ? null : seconds * 1000;
}
