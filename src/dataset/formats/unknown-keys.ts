import { isTable } from '../../base/json-value.js';
import { z } from 'zod';
import { nearestName } from '../../base/nearest-name.js';

/**
 * Lines about keys the format does not know, each with the nearest known name, or with the tables that know it. The
 * format's own reader ignores such keys, so one that is misspelt or misplaced would be silently inert.
 */
export function unknownKeyWarnings(file: string, schema: z.ZodType, value: unknown): string[] {
  return findUnknownKeys(schema, value, '').map(({ path, key, known }) => {
    const near = nearestName(key, known);
    const meant = near === null ? tablesWith(schema, key) : [path + near];
    return `${file}: unknown key ${path}${key}${meant.length === 0 ? '' : ` (did you mean ${meant.join(' or ')}?)`}`;
  });
}

/** `agent.timeout_sec` and its like, for `timeout_sec` in a table that has none. */
function tablesWith(schema: z.ZodType, key: string): string[] {
  const format = unwrapped(schema);
  if (!(format instanceof z.ZodObject)) return [];
  return Object.entries(format.shape as Record<string, unknown>).flatMap(([table, inner]) => {
    const known = unwrapped(inner);
    return known instanceof z.ZodObject && Object.hasOwn(known.shape, key) ? [`${table}.${key}`] : [];
  });
}

function unwrapped(schema: unknown): unknown {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  )
    return unwrapped(schema.unwrap());
  return schema instanceof z.ZodPipe ? unwrapped(schema.in) : schema;
}

interface UnknownKey {
  readonly path: string;
  readonly key: string;
  readonly known: readonly string[];
}

function findUnknownKeys(wrapped: unknown, value: unknown, path: string): UnknownKey[] {
  const schema = unwrapped(wrapped);
  if (schema instanceof z.ZodUnion)
    return schema.options.flatMap((option) =>
      option instanceof z.ZodObject ? findUnknownKeys(option, value, path) : [],
    );
  if (schema instanceof z.ZodArray && Array.isArray(value))
    return value.flatMap((item, index) =>
      findUnknownKeys(schema.element, item, `${path.slice(0, -1)}[${index}].`),
    );
  if (schema instanceof z.ZodObject && isTable(value)) return unknownKeysOfTable(schema, value, path);
  return [];
}

function unknownKeysOfTable(schema: z.ZodObject, value: Record<string, unknown>, path: string): UnknownKey[] {
  const shape: Record<string, unknown> = schema.shape;
  const known = Object.keys(shape);
  return Object.entries(value).flatMap(([key, item]) =>
    Object.hasOwn(shape, key)
      ? findUnknownKeys(shape[key], item, `${path}${key}.`)
      : [{ path, key, known: known.filter((name) => !Object.hasOwn(value, name)) }],
  );
}
