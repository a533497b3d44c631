import { z } from 'zod';
import { nearestName } from '../../base/nearest-name.js';
import { InputError } from '../../base/errors.js';

/**
 * Checks a file's value against a schema of strict objects. Throws `InputError` with a line for every
 * mistake; an unknown key is named with the nearest known one.
 */
export function parseStrictly<T extends z.ZodType>(schema: T, value: unknown, path: string): z.infer<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const lines = result.error.issues.flatMap((issue) => {
    const at = issue.path.map(String).join('.');
    if (issue.code !== 'unrecognized_keys') return [`${path}: ${at === '' ? '' : `${at}: `}${issue.message}`];
    const known = keysAt(schema, issue.path);
    return issue.keys.map((key) => `${path}: ${unknownKey(at === '' ? '' : `${at}.`, key, known)}`);
  });
  throw new InputError(lines.join('\n'), { hint: 'docs/harness.md describes every key of a harness file.' });
}

function unknownKey(prefix: string, key: string, known: readonly string[]): string {
  const near = nearestName(key, known);
  return `unknown key ${prefix}${key}${near === null ? '' : ` (did you mean ${prefix}${near}?)`}`;
}

/** Names a mapping may hold at a place of the schema. */
function keysAt(schema: unknown, path: readonly PropertyKey[]): string[] {
  const objects = objectsOf(schema);
  const [key, ...rest] = path;
  if (key === undefined) return objects.flatMap((object) => Object.keys(object.shape));
  return objects.flatMap((object) => keysAt((object.shape as Record<PropertyKey, unknown>)[key], rest));
}

function objectsOf(schema: unknown): z.ZodObject[] {
  if (schema instanceof z.ZodObject) return [schema];
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(objectsOf);
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return objectsOf(schema.unwrap());
  return [];
}
