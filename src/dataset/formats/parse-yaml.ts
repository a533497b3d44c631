import { parse, YAMLParseError } from 'yaml';
import { TaskError } from '../../base/errors.js';

/** Parses one YAML document, merge keys (`<<`) included; a syntax error names the file, line and column. */
export function parseYaml(file: string, text: string): unknown {
  try {
    return parse(text, { merge: true }) as unknown;
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    const at = error.linePos?.[0];
    const place = at === undefined ? file : `${file}:${at.line}:${at.col}`;
    throw new TaskError(`${place}: ${error.message.split(' at line')[0] ?? error.message}`);
  }
}
