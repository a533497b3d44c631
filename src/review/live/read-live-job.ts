import { openForeignFile } from '../../base/foreign-file.js';
import { parseJson } from '../../base/json-value.js';
import { isClaimed } from '../../job/store/job-claim.js';
import { eventLineSchema, type EventLine } from '../../record/event.js';
import { jobPaths } from '../../results/layout.js';
import { scanLines } from '../turns/scan-lines.js';
import { readBytes } from '../turns/read-bytes.js';
import { followEvents, noLiveJob, type LiveJob } from './live-job.js';

/** How far a job's events have been read; hand it back to read on. */
export interface EventsRead {
  readonly job: LiveJob;
  /** Bytes of events.jsonl that are in `job`. */
  readonly bytes: number;
  /** A living process has claimed the job. */
  readonly isRunning: boolean;
}

const nothingRead: EventsRead = { job: noLiveJob, bytes: 0, isRunning: false };
/** Of a longer log only the end is read: a job's own is a few MB. */
const mostBytes = 64 * 1024 * 1024;

/** Reads what came to events.jsonl of the job folder since the last time. Null where there is no such file. */
export async function readLiveJob(
  dir: string,
  earlier: EventsRead = nothingRead,
): Promise<EventsRead | null> {
  const opened = await openForeignFile(dir, 'events.jsonl');
  if (opened.kind !== 'file') return null;
  await using handle = opened.value;
  const { size } = await handle.stat();
  const known = size < earlier.bytes ? nothingRead : earlier;
  const lines = await scanLines(handle, Math.max(known.bytes, size - mostBytes), size);
  const [first, last] = [lines[0], lines.at(-1)];
  const isRunning = await isClaimed(jobPaths(dir));
  if (first === undefined || last === undefined) return { ...known, isRunning };
  const text = await readLines(handle, first.start, last.end);
  return { job: followEvents(known.job, parseEvents(text)), bytes: last.end + 1, isRunning };
}

async function readLines(
  handle: Parameters<typeof readBytes>[0],
  start: number,
  end: number,
): Promise<string> {
  let text = '';
  const step = 16 * 1024 * 1024;
  for (let at = start; at < end; at += step)
    text += (await readBytes(handle, { start: at, end: Math.min(end, at + step) }))?.toString('latin1') ?? '';
  return Buffer.from(text, 'latin1').toString('utf8');
}

/** What is no object is passed over at a look: a refusal by the schema costs a thousand times as much. */
function parseEvents(text: string): EventLine[] {
  const events: EventLine[] = [];
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    if (text[start] === '{') {
      const parsed = eventLineSchema.safeParse(parseJson(text.slice(start, end)));
      if (parsed.success) events.push(parsed.data);
    }
    start = end + 1;
  }
  return events;
}
