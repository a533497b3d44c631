import { listKeptFiles } from '../../review/trial/kept-files.js';
import { readText } from '../../review/trial/read-text.js';
import { openTurns, type TurnCache } from '../../review/turns/open-turns.js';
import type { Turn } from '../../review/turns/turn.js';
import type { TrialPlace } from '../trial/trial-place.js';

/** Larger files and texts are shown as far as this. */
const mostBytes = 4 * 1024 * 1024;

/** The whole of a text that a page shows a part of: `turn-7-output0`, `opening-1`. Null where there is none. */
export async function readPart(
  { places }: TrialPlace,
  part: string,
  cache: TurnCache,
): Promise<string | null> {
  const [, number, name = ''] = /^turn-(\d{1,7})-([a-z]+\d{0,4})$/.exec(part) ?? [];
  const turns = await openTurns(places, { cache, upTo: Number(number ?? 0) });
  const opening = /^opening-(\d{1,4})$/.exec(part)?.[1];
  if (opening !== undefined) return bounded(turns?.opening[Number(opening)]?.text);
  const [turn] = number === undefined ? [] : ((await turns?.read(Number(number) - 1, 1)) ?? []);
  return turn === undefined ? null : bounded(textOf(turn, name));
}

/** A file of the trial's folder, one of those that its page lists. */
export async function readKeptFile({ dir }: TrialPlace, path: string): Promise<string | null> {
  if (dir === null || !(await listKeptFiles(dir)).some((file) => file.path === path)) return null;
  const part = await readText(dir, path, { maxBytes: mostBytes, from: 'start' });
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
