import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import type { Problem } from '../record/job-summary.js';

/** A file's content, why it cannot be used, or nothing when there is no such file. */
export type FileRead<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'missing' }
  | { readonly kind: 'problem'; readonly problem: Problem };

/**
 * Reads and checks one JSON file of a results folder. Bad content is a value, not an error. Callers that read
 * thousands of files read a few at a time.
 */
export async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<FileRead<T>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'missing' };
    return { kind: 'problem', problem: { path, message: `cannot be read (${code ?? 'unknown error'})` } };
  }
  return checkJson(path, text, schema);
}

function checkJson<T>(path: string, text: string, schema: z.ZodType<T>): FileRead<T> {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return { kind: 'problem', problem: { path, message: 'is not valid JSON' } };
  }
  const parsed = schema.safeParse(data);
  if (parsed.success) return { kind: 'value', value: parsed.data };
  const issue = parsed.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`;
  return {
    kind: 'problem',
    problem: { path, message: `is not what was expected${where}: ${issue?.message ?? ''}` },
  };
}

/** Names in a folder, sorted. */
export interface FolderListing {
  readonly path: string;
  readonly files: readonly string[];
  readonly folders: readonly string[];
}
