/** Narrowing of parsed JSON where a schema per chunk of a stream would cost too much. */
export type JsonTable = Readonly<Record<string, unknown>>;

export function isTable(value: unknown): value is JsonTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function tableOf(value: unknown): JsonTable | null {
  return isTable(value) ? value : null;
}

/** The value that a table has under a name of a stranger: what every object inherits (`constructor`) is none. */
export function ownOf<T>(table: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

export function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** Lists and tables in one another: more than anything honest has, less than what a function that calls itself survives. */
const mostLevels = 500;

/** The value of a JSON text; undefined when it is not JSON, or nests deeper than whatever reads it survives. */
export function parseJson(text: string): unknown {
  if (isDeeperThan(text, mostLevels)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Looked at before a text of JSON is parsed: the parser takes a second for a million levels. */
export function isDeeperThan(json: string, levels: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (inString && code === 0x5c) at += 1;
    else if (code === 0x22) inString = !inString;
    else if (inString) continue;
    else if (code === 0x5b || code === 0x7b) depth += 1;
    else if (code === 0x5d || code === 0x7d) depth -= 1;
    if (depth > levels) return true;
  }
  return false;
}

/** The value of a JSON text; the text itself when it is not JSON. */
export function jsonOrText(text: string): unknown {
  const value = parseJson(text);
  return value === undefined ? text : value;
}

/** A value as JSON text; null where it cannot be written (nested deeper than the stack, or a cycle). */
export function jsonText(value: unknown): string | null {
  try {
    return JSON.stringify(value);
  } catch {
    return null;
  }
}
