import { TaskError } from '../../../base/errors.js';
import type { TaskToml } from './schema.js';

const newestMinor = 4;

export interface SchemaVersion {
  readonly text: string;
  readonly minor: number;
  readonly warnings: readonly string[];
}

/**
 * The schema a task.toml declares, under either spelling of the key; none means the newest. A newer minor
 * version is read with a warning, another major version is refused.
 */
export function schemaVersion(file: string, toml: TaskToml): SchemaVersion {
  const declared = [toml.schema_version, toml.version].filter((value) => value !== undefined).map(normalise);
  const [text = `1.${newestMinor}`, other = text] = declared;
  if (text !== other)
    throw new TaskError(`${file}: schema_version = "${text}" contradicts version = "${other}"`);
  const match = /^1\.(\d+)(\.\d+)?$/.exec(text);
  if (match === null)
    throw new TaskError(`${file}: schema_version = "${text}" is not a version this tbench reads`, {
      hint: `it reads 1.0 to 1.${newestMinor}`,
    });
  const minor = Number(match[1]);
  const warning = `${file}: schema_version ${text} is newer than 1.${newestMinor}; newer keys are not understood`;
  return { text, minor, warnings: minor > newestMinor ? [warning] : [] };
}

function normalise(value: string | number): string {
  const text = String(value).trim();
  return /^\d+$/.test(text) ? `${text}.0` : text;
}
