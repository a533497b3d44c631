import type { Readable } from 'node:stream';
import { z } from 'zod';

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

/** Reads the JSON lines with which the engine reports a pull or a build, telling `onLine` of each. */
export async function readProgress(
  stream: Readable,
  onLine: (line: string) => void,
): Promise<ProgressOutcome> {
  const lastLines: string[] = [];
  let error: string | null = null;
  for await (const text of jsonLines(stream)) {
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
  }
  return { error, lastLines };
}

async function* jsonLines(stream: Readable): AsyncGenerator<string> {
  let rest = '';
  stream.setEncoding('utf8');
  for await (const chunk of stream as AsyncIterable<string>) {
    rest += chunk;
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    yield* lines.filter((line) => line.trim() !== '');
  }
  if (rest.trim() !== '') yield rest;
}

function parseEntry(text: string): z.infer<typeof progressLine> | null {
  try {
    const parsed = progressLine.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
