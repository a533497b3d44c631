import { readText } from '../../review/trial/read-text.js';
import type { Turn } from '../../review/turns/turn.js';
import type { TrialData } from '../trial-data.js';

/** Larger files and texts are shown as far as this. */
const mostBytes = 4 * 1024 * 1024;

/** The whole of a text that a page shows a part of: `turn-7-output0`, `opening-1`. Null where there is none. */
export async function readPart({ conversation }: TrialData, part: string): Promise<string | null> {
  const opening = /^opening-(\d{1,4})$/.exec(part)?.[1];
  if (opening !== undefined) return bounded(conversation?.turns.opening[Number(opening)]?.text);
  const [, number, name = ''] = /^turn-(\d{1,7})-([a-z]+\d{0,4})$/.exec(part) ?? [];
  if (number === undefined || conversation === null) return null;
  const [turn] = await conversation.turns.read(Number(number) - 1, 1);
  return turn === undefined ? null : bounded(textOf(turn, name));
}

/** A file of the trial's folder, one of those that its page lists. */
export async function readKeptFile(
  { files, summary, job, name }: TrialData,
  path: string,
): Promise<string | null> {
  if (!files.some((file) => file.path === path)) return null;
  const part = await readText(summary?.dir ?? `${job.dir}/${name}`, path, {
    maxBytes: mostBytes,
    from: 'start',
  });
  if (part === null) return null;
  const left = part.sizeBytes - mostBytes;
  return left > 0 ? `${part.text}\n[... ${left} more bytes: they are in the file]\n` : part.text;
}

function textOf(turn: Turn, name: string): string | undefined {
  const [, kind, index] = /^([a-z]+)(\d*)$/.exec(name) ?? [];
  const at = Number(index);
  switch (kind) {
    case 'thought':
      return turn.thought ?? undefined;
    case 'text':
      return turn.text;
    case 'call':
      return turn.calls[at]?.command;
    case 'said':
      return turn.said[at];
    case 'output':
      return turn.outputs[at]?.text;
    default:
      return undefined;
  }
}

function bounded(text: string | undefined): string | null {
  if (text === undefined) return null;
  return text.length > mostBytes
    ? `${text.slice(0, mostBytes)}\n[... ${text.length - mostBytes} more characters]\n`
    : text;
}
