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
/** Of one piece of a build's output the end is told, in characters. */
const longestPiece = 2 ** 16;
/** Lines that are no JSON are told up to this many: an engine sends none, what stands in its place may send millions. */
const mostPlainLines = 1_000;

/** Reads the JSON lines with which the engine reports a pull or a build, telling `onLine` of each. */
export async function readProgress(
  stream: Readable,
  onLine: (line: string) => void,
): Promise<ProgressOutcome> {
  const lastLines: string[] = [];
  let error: string | null = null;
  let plainLines = 0;
  const read = (text: string): void => {
    const entry = parseEntry(text);
    if (entry === null && (plainLines += 1) > mostPlainLines) return;
    error = entry?.errorDetail?.message ?? entry?.error ?? error;
    const shown =
      entry === null ? text : (entry.stream ?? [entry.id, entry.status].filter(Boolean).join(' '));
    for (const line of shown.slice(-longestPiece).split('\n')) {
      const kept = line.trimEnd().slice(0, longestLine);
      if (kept === '') continue;
      lastLines.push(kept);
      if (lastLines.length > linesKept) lastLines.shift();
      onLine(kept);
    }
  };
  let rest = '';
  stream.setEncoding('utf8');
  for await (const chunk of stream as AsyncIterable<string>) {
    let start = 0;
    // Only what is new is searched: a line without end would make the time quadratic. Its tail is dropped.
    for (let end = chunk.indexOf('\n'); end !== -1; end = chunk.indexOf('\n', start)) {
      read(rest + chunk.slice(start, end));
      rest = '';
      start = end + 1;
    }
    if (rest.length < longestJson) rest += chunk.slice(start);
  }
  read(rest);
  return { error, lastLines };
}

function parseEntry(text: string): z.infer<typeof progressLine> | null {
  // A refusal costs a thousand times as much as a look, and there may be millions of lines.
  if (!/^\s{0,100}\{/.test(text)) return null;
  const parsed = progressLine.safeParse(parseJson(text));
  return parsed.success ? parsed.data : null;
}
