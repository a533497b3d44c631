import { TaskError } from '../../../base/errors.js';
import { interpolate, type Variables } from './interpolate.js';

const longestFile = 2 ** 20;

/** The variables of an env_file: `KEY=value` a line, quotes and comments as in a shell; single quotes keep dollars. */
export function parseComposeEnvFile(text: string, variables: Variables): Record<string, string> {
  if (text.length > longestFile)
    throw new TaskError(
      `an env file has ${text.length} characters, more than the ${longestFile} that are read`,
    );
  const table = new Map<string, string>();
  // One scope that grows: a copy for each line would make a long file quadratic.
  const scope = Object.assign(Object.create(null) as Record<string, string | undefined>, variables);
  for (const line of text.split(/\r?\n/)) {
    const [, key, written = ''] = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*=\s*(.*)$/.exec(line) ?? [];
    if (key === undefined) continue;
    const [, single, double] = /^(?:'([^']*)'|"((?:[^"\\]|\\.)*)")\s*(?:#.*)?$/.exec(written) ?? [];
    const plain = written.replace(/(?<=\s)#[^]*$/, '').trimEnd();
    const unescaped = double?.replaceAll(/\\(.)/g, (_, found: string) => (found === 'n' ? '\n' : found));
    const value = single ?? interpolate(unescaped ?? plain, scope);
    table.set(key, value);
    scope[key] = value;
  }
  return Object.fromEntries(table);
}
