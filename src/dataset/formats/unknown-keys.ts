import { isTable } from '../../base/json-value.js';
import { z } from 'zod';
import { nearestName } from '../../base/nearest-name.js';

/**
 * Lines about keys the format does not know, each with the nearest known name. The format's own reader
 * ignores such keys, so a misspelt one would be silently inert.
 */
export function unknownKeyWarnings(file: string, schema: z.ZodType, value: unknown): string[] {
  return findUnknownKeys(schema, value, '').map(({ path, key, known }) => {
    const near = nearestName(key, known);
    return `${file}: unknown key ${path}${key}${near === null ? '' : ` (did you mean ${path}${near}?)`}`;
  });
}

interface UnknownKey {
  readonly path: string;
  readonly key: string;
  readonly known: readonly string[];
}

function findUnknownKeys(schema: unknown, value: unknown, path: string): UnknownKey[] {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  )
    return findUnknownKeys(schema.unwrap(), value, path);
  if (schema instanceof z.ZodPipe) return findUnknownKeys(schema.in, value, path);
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
