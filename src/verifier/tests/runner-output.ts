/** What a test runner said of itself on stdout, in pytest's or unittest's words. */
export interface RunnerOutput {
  /** A session was announced or tests were counted: they were at least looked for. */
  readonly started: boolean;
  readonly rootdir: string | null;
  /** The last summary line, e.g. `3 passed, 1 skipped in 0.05s`. */
  readonly summary: string | null;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly errors: number;
}

// The output is the sandbox's: each part can be read in one way only, so that a line of any length takes linear time.
const summaryLine =
  /^(?:=+ )?(?:\d{1,9} [a-z]+(?:, \d{1,9} [a-z]+)*|no tests ran) in [\d.:]+\s?s?(?: \([\d:]+\))?(?: =+)?$/;
/** What any line that is looked for begins with: of an output of millions of lines the others are left at once. */
const telling = /^\s{0,100}(?:[=\d]|no tests|rootdir: |Ran |OK|FAILED)/;
const ansi = /\u001b\[[0-9;]*m/g;

/** Finds pytest's session header, rootdir and last summary line in a test run's output; else unittest's summary. */
export function parseRunnerOutput(output: string): RunnerOutput {
  const lines = output
    .replace(ansi, '')
    .split('\n')
    .filter((line) => telling.test(line))
    .map((line) => line.replace(/\r$/, ''));
  const summary = lines
    .map((line) => summaryLine.exec(line.trim())?.[0])
    .findLast((found) => found !== undefined);
  const started = lines.some((line) => /^=+ test session starts =+$/.test(line));
  if (summary === undefined && !started) return unittestOutput(lines);
  const rootdir = lines
    .map((line) => /^rootdir: ([^,]+)/.exec(line)?.[1]?.trim())
    .findLast((found) => found !== undefined);
  const text = summary === undefined ? null : summary.replace(/^=+ | =+$/g, '');
  return {
    started,
    rootdir: rootdir ?? null,
    summary: text,
    passed: countOf(text, 'passed'),
    failed: countOf(text, 'failed'),
    skipped: countOf(text, 'skipped'),
    errors: countOf(text, 'errors?'),
  };
}

/** `Ran 4 tests in 0.001s`, a blank line, then `OK` or `FAILED (failures=1, skipped=2)`. */
function unittestOutput(lines: readonly string[]): RunnerOutput {
  const at = lines.findLastIndex((line) => /^Ran \d+ tests? in [\d.]+s$/.test(line));
  const total = Number(/\d+/.exec(lines[at] ?? '')?.[0] ?? 0);
  const verdict =
    at < 0
      ? ''
      : (lines.slice(at + 1, at + 3).find((line) => /^(?:OK|FAILED)(?: \(.*\))?$/.test(line)) ?? '');
  const count = (name: string): number => Number(new RegExp(`${name}=(\\d+)`).exec(verdict)?.[1] ?? 0);
  const [failed, errors, skipped] = [count('failures'), count('errors'), count('skipped')];
  return {
    started: at >= 0,
    rootdir: null,
    summary: at < 0 ? null : `${lines[at] ?? ''}: ${verdict}`,
    passed: Math.max(0, total - failed - errors - skipped),
    failed,
    skipped,
    errors,
  };
}

function countOf(summary: string | null, word: string): number {
  return Number(new RegExp(`(\\d+) ${word}\\b`).exec(summary ?? '')?.[1] ?? 0);
}
