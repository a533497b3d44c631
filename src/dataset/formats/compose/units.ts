import { TaskError } from '../../../base/errors.js';

/** `1h30m`, `10s`, `500ms`, `2us`: a Go duration in milliseconds; null for anything else. */
export function durationMs(text: string): number | null {
  if (!/^(?:\d+(?:\.\d+)?(?:h|ms|us|µs|ns|m|s))+$/.test(text)) return null;
  const units: Readonly<Record<string, number>> = {
    h: 3_600_000,
    m: 60_000,
    s: 1_000,
    ms: 1,
    us: 1e-3,
    µs: 1e-3,
    ns: 1e-6,
  };
  return [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|us|µs|ns|m|s)/g)].reduce(
    (sum, [, number, unit]) => sum + Number(number) * (units[unit ?? ''] ?? 0),
    0,
  );
}

/** `512m`, `2g`, `2gb`, `1073741824`; null for anything else. */
export function sizeBytes(value: string | number): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([bkmgt]?)b?$/i.exec(String(value).trim());
  if (match === null) return null;
  const exponent = ['', 'k', 'm', 'g', 't'].indexOf((match[2] ?? '').toLowerCase().replace('b', ''));
  return Math.round(Number(match[1]) * 1024 ** exponent);
}

/** A size of a compose file in bytes. */
export function readSize(where: string, written: string): number {
  const bytes = sizeBytes(written);
  if (bytes === null) throw new TaskError(`${where}: "${written}" is no size`);
  return bytes;
}

/** More than a compose file may have in all, and what is taken apart in a moment. */
const longestCommand = 2 ** 18;

/** A command line in words, as a POSIX shell would take it apart, without running anything. */
export function splitWords(text: string): string[] {
  if (text.length > longestCommand)
    throw new TaskError(
      `a command has ${text.length} characters, more than the ${longestCommand} that are read`,
    );
  const words: string[] = [];
  let word: string | null = null;
  for (const [, blank, single, double, escaped, plain] of text.matchAll(
    /(\s+)|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^\s'"\\]+)/g,
  )) {
    if (blank !== undefined) {
      if (word !== null) words.push(word);
      word = null;
    } else
      word = (word ?? '') + (single ?? double?.replaceAll(/\\(["\\$`])/g, '$1') ?? escaped ?? plain ?? '');
  }
  return word === null ? words : [...words, word];
}
