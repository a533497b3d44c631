import { interpolate, type Variables } from './interpolate.js';

/** The variables of an env_file: `KEY=value` a line, quotes and comments as in a shell; single quotes keep dollars. */
export function parseEnvFile(text: string, variables: Variables): Record<string, string> {
  const table: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const [, key, written = ''] = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*=\s*(.*)$/.exec(line) ?? [];
    if (key === undefined) continue;
    const [, single, double] = /^(?:'([^']*)'|"((?:[^"\\]|\\.)*)")\s*(?:#.*)?$/.exec(written) ?? [];
    const plain = written.replace(/\s+#.*$/, '').trimEnd();
    const unescaped = double?.replaceAll(/\\(.)/g, (_, found: string) => (found === 'n' ? '\n' : found));
    table[key] = single ?? interpolate(unescaped ?? plain, { ...variables, ...table });
  }
  return table;
}
