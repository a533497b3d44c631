import type { FileHandle } from 'node:fs/promises';
import type { JournalEntry, ReplyEntry, TurnEntry } from '../../record/journal-entry.js';
import { parseJournal } from '../../results/read-journal.js';
import { commandOf } from './command-of.js';
import { readBytes, type Bytes } from './read-bytes.js';
import { scanLines, type FileLine } from './scan-lines.js';
import type { OpeningMessage, Turn, TurnNumbers } from './turn.js';

/** Where the entries of a journal lie. It grows with its file: `indexJournal` goes on where the last one ended. */
export interface JournalIndex {
  /** Whole lines since the trial's last beginning. */
  readonly lines: readonly FileLine[];
  /** Everything before is in `lines`. */
  readonly scannedBytes: number;
}

/** The lines of one turn: its answer, and what came of it once that is known. */
export interface JournalTurn {
  readonly reply: Bytes;
  readonly result: Bytes | null;
}

export async function indexJournal(
  handle: FileHandle,
  sizeBytes: number,
  earlier: JournalIndex = { lines: [], scannedBytes: 0 },
): Promise<JournalIndex> {
  // A shorter file is another one.
  const known = earlier.scannedBytes > sizeBytes ? { lines: [], scannedBytes: 0 } : earlier;
  const more = await scanLines(handle, known.scannedBytes, sizeBytes);
  const lines = [...known.lines, ...more];
  const begun = lines.findLastIndex((line) => kindOf(line) === 'start');
  return {
    lines: lines.slice(Math.max(0, begun)),
    scannedBytes: (more.at(-1)?.end ?? known.scannedBytes - 1) + 1,
  };
}

/** Every turn of an indexed journal, in order. */
export function journalTurns({ lines }: JournalIndex): JournalTurn[] {
  const results = new Map(
    lines.filter((line) => kindOf(line) === 'turn').map((line) => [turnOf(line), line] as const),
  );
  return lines
    .filter((line) => kindOf(line) === 'reply')
    .map((reply) => ({ reply, result: results.get(turnOf(reply)) ?? null }));
}

/** The one entry of a kind that a trial has at most once, the last of it. */
export async function readJournalEntry<K extends JournalEntry['kind']>(
  handle: FileHandle,
  { lines }: JournalIndex,
  kind: K,
): Promise<Extract<JournalEntry, { kind: K }> | null> {
  const line = lines.findLast((one) => kindOf(one) === kind);
  const entry = line === undefined ? null : await readEntry(handle, line);
  return entry?.kind === kind ? (entry as Extract<JournalEntry, { kind: K }>) : null;
}

export async function readJournalTurn(handle: FileHandle, turn: JournalTurn): Promise<Turn | null> {
  const reply = await readEntry(handle, turn.reply);
  const result = turn.result === null ? null : await readEntry(handle, turn.result);
  if (reply?.kind !== 'reply') return null;
  return toTurn(reply, result?.kind === 'turn' ? result : null);
}

export function openingOf(start: Extract<JournalEntry, { kind: 'start' }> | null): OpeningMessage[] {
  return (start?.messages ?? []).map(({ role, content }) => ({ role, text: content }));
}

async function readEntry(handle: FileHandle, line: Bytes): Promise<JournalEntry | null> {
  const bytes = await readBytes(handle, line);
  return bytes === null ? null : (parseJournal(bytes.toString('utf8')).entries[0] ?? null);
}

function toTurn(reply: ReplyEntry, result: TurnEntry | null): Turn {
  const calls = [...reply.tool_calls, ...(result?.recovered_calls ?? [])];
  const commands = result?.commands ?? [];
  const answers = (result?.messages ?? []).filter(({ role }) => role === 'tool' || commands.length > 0);
  const said = (result?.messages ?? []).filter(({ role }) => role === 'user' && commands.length === 0);
  return {
    number: reply.turn,
    at: reply.at,
    thought: reply.thought?.text ?? null,
    text: reply.content ?? '',
    calls: calls.map((call) => ({ name: call.name, command: commandOf(call.arguments) })),
    outputs: Array.from({ length: Math.max(commands.length, answers.length) }, (_, index) => {
      const command = commands[index];
      return {
        text: answers[index]?.content ?? '',
        exitCode: command?.exit_code ?? null,
        durationMs: command?.duration_ms ?? null,
        timedOut: command?.timed_out ?? false,
        outOfMemory: command?.out_of_memory ?? false,
        notice: command?.notice ?? null,
        totalBytes: command?.total_bytes ?? null,
      };
    }),
    said: said.map(({ content }) => content),
    formatError: result?.format_error ?? null,
    truncated: result?.truncated === true || result?.cut_by_context === true,
    recovered: calls.some((call) => call.recovered),
    open: result === null,
    numbers: numbersOf(reply, result),
    leftOut: null,
  };
}

function numbersOf({ usage, timing, retries }: ReplyEntry, result: TurnEntry | null): TurnNumbers {
  return {
    promptTokens: usage.prompt_tokens,
    outputTokens: usage.completion_tokens,
    cachedTokens: usage.cached_tokens,
    modelMs: timing.total_ms,
    firstTokenMs: timing.first_token_ms,
    waitMs: timing.queue_ms + retries.reduce((sum, retry) => sum + retry.waited_ms, 0),
    commandMs:
      result === null ? null : result.commands.reduce((sum, { duration_ms }) => sum + duration_ms, 0),
    exitCode: result?.commands.at(-1)?.exit_code ?? null,
  };
}

/** Entries are written with their kind first, so a line's beginning tells it. */
function kindOf({ head }: FileLine): string | null {
  return /^\{"kind":"([a-z]+)"/.exec(head)?.[1] ?? null;
}

function turnOf({ head }: FileLine): number | null {
  const found = /"turn":(\d{1,9})/.exec(head)?.[1];
  return found === undefined ? null : Number(found);
}
