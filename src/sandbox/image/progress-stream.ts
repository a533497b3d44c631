import type { Readable } from 'node:stream';
import { z } from 'zod';
import { parseJson } from '../../base/json-value.js';

const progressLine = z.object({
  stream: z.string().optional(),
  status: z.string().optional(),
  id: z.string().optional(),
  error: z.string().optional(),
  errorDetail: z.object({ message: z.string().optional() }).optional(),
});

/** The end of a pull's or build's output: enough to understand a failure. */
export interface ProgressOutcome {
  /** What the engine gave as the reason; null when all went well. Such a failure comes with HTTP status 200. */
  readonly error: string | null;
  readonly lastLines: readonly string[];
}

const linesKept = 30;
const longestLine = 2000;
/** A line of the stream, in characters: what a build prints comes in pieces of less. */
const longestJson = 2 ** 22;

/** Reads the JSON lines with which the engine reports a pull or a build, telling `onLine` of each. */
export async function readProgress(
  stream: Readable,
  onLine: (line: string) => void,
): Promise<ProgressOutcome> {
  const lastLines: string[] = [];
  let error: string | null = null;
  const read = (text: string): void => {
    const entry = parseEntry(text);
    error = entry?.errorDetail?.message ?? entry?.error ?? error;
    const shown =
      entry === null ? text : (entry.stream ?? [entry.id, entry.status].filter(Boolean).join(' '));
    for (const line of shown.split('\n')) {
      const kept = line.trimEnd().slice(0, longestLine);
      if (kept === '') continue;
      lastLines.push(kept);
      if (lastLines.length > linesKept) lastLines.shift();
      onLine(kept);
    }
  };
  for await (const texts of jsonLines(stream)) for (const text of texts) read(text);
  return { error, lastLines };
}

/** The lines that each piece of the stream ends: one by one, a wait for each would cost more than its reading. */
async function* jsonLines(stream: Readable): AsyncGenerator<readonly string[]> {
  let rest = '';
  stream.setEncoding('utf8');
  for await (const chunk of stream as AsyncIterable<string>) {
    // Only what is new is searched: a line without end would make the time quadratic. Its tail is dropped.
    const [first = '', ...others] = chunk.split('\n');
    if (rest.length < longestJson) rest += first;
    const ended: string[] = [];
    for (const line of others) {
      if (rest.trim() !== '') ended.push(rest);
      rest = line;
    }
    yield ended;
  }
  if (rest.trim() !== '') yield [rest];
}

function parseEntry(text: string): z.infer<typeof progressLine> | null {
  // A refusal costs a thousand times as much as a look, and there may be millions of lines.
  if (!/^\s{0,100}\{/.test(text)) return null;
  const parsed = progressLine.safeParse(parseJson(text));
  return parsed.success ? parsed.data : null;
}
