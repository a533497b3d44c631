import { parse, TomlError } from 'smol-toml';
import type { z } from 'zod';
import { TaskError } from '../../base/errors.js';

/** More than any task has; a stranger's file must not cost memory and time that grow with his patience. */
const caps = { characters: 2 ** 23, keys: 200_000, depth: 64 };

/** Parses TOML text; a syntax error names the file, line and column. What is larger than any task's file is refused. */
export function parseToml(file: string, text: string): Record<string, unknown> {
  if (text.length > caps.characters)
    throw new TaskError(
      `${file}: it has ${text.length} characters, more than the ${caps.characters} that are read`,
    );
  const parsed = parseText(file, text);
  if (countKeys(parsed) > caps.keys) throw new TaskError(`${file}: it has more than ${caps.keys} keys`);
  return parsed;
}

function parseText(file: string, text: string): Record<string, unknown> {
  try {
    return parse(text.replace(/^\uFEFF/, ''), { maxDepth: caps.depth });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const reason = error.message.split('\n')[0] ?? error.message;
    throw new TaskError(`${file}:${error.line}:${error.column}: ${reason}`, { cause: undefined });
  }
}

/** Keys and list items at all depths, which the parser has bounded. */
function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce((sum: number, inner: unknown) => sum + 1 + countKeys(inner), 0);
}

/** Checks `value` against `schema`; the error names the file and each offending key. */
export function checkShape<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
  value: unknown,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => `${file}: ${keyPath(issue.path)}: ${issueText(issue)}`);
  throw new TaskError(lines.join('\n'));
}

function keyPath(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the whole file';
  return path
    .map((part, index) =>
      typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`,
    )
    .join('');
}

function issueText(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_union') return issue.message;
  const inner = issue.errors.map((branch) => branch.map((one) => one.message).join(', '));
  return inner.length === 0 ? issue.message : inner.join('; or ');
}
