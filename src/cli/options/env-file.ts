import { describeError, InputError } from '../../base/errors.js';
import { readNamedText } from '../../base/foreign-file.js';
import type { HostVariables } from '../../base/host-variables.js';

const maxEnvFileBytes = 2 ** 20;

/** The environment with the variables of `--env-file` files; a variable that is set already keeps its value. */
export async function withEnvFiles(files: readonly string[], env: HostVariables): Promise<HostVariables> {
  const found: Record<string, string> = {};
  for (const file of files) {
    const text = await readNamedText(file, maxEnvFileBytes).catch((error: unknown) => {
      throw new InputError(`--env-file ${file}: ${describeError(error)}`);
    });
    Object.assign(found, parseEnvFile(file, text));
  }
  return { ...found, ...env };
}

/**
 * Lines of `NAME=value`, as Docker and Node read them: `#` comments, an `export` in front, quotes around a value. The value is
 * never told in an error: it may be a key.
 */
export function parseEnvFile(file: string, text: string): Record<string, string> {
  const entries = text.split(/\r?\n/).flatMap((line, index): [string, string][] => {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) return [];
    const [, name, value = ''] = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$/.exec(trimmed) ?? [];
    if (name === undefined) throw new InputError(`--env-file ${file}:${index + 1}: not NAME=value`);
    return [[name, unquoted(value)]];
  });
  return Object.fromEntries(entries);
}

function unquoted(value: string): string {
  const quote = value.charAt(0);
  const end = value.indexOf(quote, 1);
  if ((quote === '"' || quote === "'") && end > 0) return value.slice(1, end);
  return value.replace(/(?<=\s)#[^]*$/, '').trimEnd();
}
