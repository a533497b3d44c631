import type { z } from 'zod';
import { tableOf } from '../base/json-value.js';

/** Each key of an object, or null where it was missing or not of its shape. */
export type Parts<S extends z.ZodObject> = { readonly [K in keyof z.output<S>]: z.output<S>[K] | null };

/**
 * Reads a stored object part by part, so that a record of an older or newer version, or one that was damaged,
 * still tells what it can.
 */
export function readParts<S extends z.ZodObject>(schema: S, value: unknown): Parts<S> {
  const table = tableOf(value) ?? {};
  const parts = Object.entries(schema.shape).map(([key, part]) => {
    const parsed = (part as z.ZodType).safeParse(table[key]);
    return [key, parsed.success ? (parsed.data ?? null) : null];
  });
  return Object.fromEntries(parts) as Parts<S>;
}
