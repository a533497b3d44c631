import { readBoundedYaml } from '../../base/bounded-yaml.js';
import { TaskError } from '../../base/errors.js';

/** Parses one YAML document of a task; a syntax error names the file, line and column. */
export function parseYaml(file: string, text: string): unknown {
  const reading = readBoundedYaml(text);
  if (reading.kind === 'value') return reading.value;
  const { at, reason } = reading;
  throw new TaskError(`${at === null ? file : `${file}:${at.line}:${at.col}`}: ${reason}`);
}
