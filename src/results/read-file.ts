import { join } from 'node:path';
import type { z } from 'zod';
import { readForeignFile, readNamedText } from '../base/foreign-file.js';
import { isDeeperThan } from '../base/json-value.js';
import type { Problem } from '../record/job-summary.js';

/** A file's content, why it cannot be used, or nothing when there is no such file. */
export type FileRead<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'missing' }
  | { readonly kind: 'problem'; readonly problem: Problem };

/** Records, totals and settings: Harbor may put the token ids of a whole trial into a result.json. */
const maxRecordBytes = 64 * 1024 * 1024;

/** Files that hold conversations, or the results of many tasks. Below the longest text that Node can hold. */
export const maxConversationBytes = 256 * 1024 * 1024;

/** Lists and tables in one another: more than records have, less than what a function that calls itself survives. */
const maxDepth = 200;

/**
 * Reads and checks one JSON file of a results folder: `name`, relative to `dir`, and never by a link. Bad content is
 * a value, not an error. Callers that read thousands of files read a few at a time.
 */
export async function readJson<T>(
  dir: string,
  name: string,
  schema: z.ZodType<T>,
  maxBytes: number = maxRecordBytes,
): Promise<FileRead<T>> {
  const path = join(dir, name);
  const problem = (message: string): FileRead<T> => ({ kind: 'problem', problem: { path, message } });
  const file = await readForeignFile(dir, name, { maxBytes });
  if (file.kind === 'missing') return file;
  if (file.kind === 'refused') return problem(file.reason);
  const text = file.value.toString('utf8');
  if (isDeeperThan(text, maxDepth)) return problem(`has more than ${maxDepth} levels`);
  let data: unknown;
  try {
    data = parseJson(text);
  } catch {
    return problem('is not valid JSON');
  }
  const parsed = schema.safeParse(data);
  if (parsed.success) return { kind: 'value', value: parsed.data };
  const issue = parsed.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`;
  return problem(`is not what was expected${where}: ${issue?.message ?? ''}`);
}

/** The JSON of a file that the user named, a baseline for instance. Throws an `Error` that says what is wrong with it. */
export async function readNamedJson(path: string): Promise<unknown> {
  const text = await readNamedText(path, maxRecordBytes);
  if (isDeeperThan(text, maxDepth)) throw new Error(`it has more than ${maxDepth} levels`);
  return JSON.parse(text) as unknown;
}

/** A text of JSON, or what stands between two of them: NaN and the infinities, which Python writes and JSON has not. */
const textOrNoNumber = /"[^"\\]*(?:\\[^]?[^"\\]*)*(?:"|$)|-?\bInfinity\b|\bNaN\b/g;

/** As JSON.parse, but numbers that are none are null: a record with one of them still holds all others. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!text.includes('NaN') && !text.includes('Infinity')) throw error;
    return JSON.parse(text.replace(textOrNoNumber, (part) => (part.startsWith('"') ? part : 'null')));
  }
}

/** Names in a folder, sorted. */
export interface FolderListing {
  readonly path: string;
  readonly files: readonly string[];
  readonly folders: readonly string[];
}
