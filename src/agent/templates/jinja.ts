import { Environment } from 'minijinja-js';
import { InputError } from '../../base/errors.js';
import { codePointCount } from './code-points.js';

/** Text that stands for a longer one: its length filter answers `length`, not the text's own. */
export interface LongText {
  readonly text: string;
  /** Code points of the whole. */
  readonly length: number;
}

export interface JinjaInput {
  /** Named as in messages: `agent.instance_template`. */
  readonly name: string;
  readonly source: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly longText?: LongText;
}

/**
 * Renders a Jinja template as Jinja2 with `StrictUndefined` would: undefined variables are errors, one
 * trailing newline is stripped, `tojson` is Python's (HTML-safe, ASCII, sorted), lengths and slices count
 * code points. Throws `InputError` naming the template.
 */
export function renderJinja({ name, source, variables, longText }: JinjaInput): string {
  const environment = new Environment();
  try {
    environment.undefinedBehavior = 'strict';
    environment.enablePyCompat();
    environment.addFilter('tojson', (value: unknown) => pythonJson(value));
    environment.addFilter('length', (value: unknown) =>
      longText !== undefined && value === longText.text ? longText.length : lengthOf(value),
    );
    return environment.renderStr(source, variables);
  } catch (error) {
    throw new InputError(`template ${name} cannot be rendered: ${errorText(error)}`, {
      hint: 'Every variable it uses must be defined; docs/harness.md lists them.',
    });
  } finally {
    environment.free();
  }
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string') return codePointCount(value);
  if (Array.isArray(value)) return value.length;
  if (value instanceof Map || value instanceof Set) return value.size;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length;
  throw new Error(`${typeof value} has no length`);
}

/** `json.dumps` with sorted keys, then what Jinja's `tojson` escapes for HTML. */
function pythonJson(value: unknown): string {
  return dump(value).replace(
    /[<>&'\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function dump(value: unknown): string {
  if (value instanceof Map)
    return dumpEntries([...value.entries()].map(([key, item]) => [String(key), item]));
  if (Array.isArray(value)) return `[${value.map(dump).join(', ')}]`;
  if (typeof value === 'object' && value !== null) return dumpEntries(Object.entries(value));
  if (typeof value === 'bigint') return value.toString();
  return value === undefined ? 'null' : JSON.stringify(value);
}

function dumpEntries(entries: readonly (readonly [string, unknown])[]): string {
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([key, item]) => `${JSON.stringify(key)}: ${dump(item)}`).join(', ')}}`;
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
