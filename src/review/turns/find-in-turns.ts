import { appendAll } from '../../base/append-all.js';
import type { Turn, Turns } from './turn.js';

/** A place in a conversation that holds what was looked for. */
export interface FoundText {
  /** Null for what the model was told before its first turn. */
  readonly turn: number | null;
  readonly where: string;
  readonly before: string;
  readonly match: string;
  readonly after: string;
}

export interface Search {
  readonly found: readonly FoundText[];
  /** The turn to go on with; null when everything was looked at. */
  readonly next: number | null;
}

const besideCharacters = 90;
const mostFound = 200;
/** One answer reads no more than this, so that nobody waits long for it. */
const mostBytes = 64 * 1024 * 1024;

/**
 * Looks for a text in a conversation from turn `from` on, letters of either case alike: of every part that holds it the first
 * place. Stops where it has read or found enough.
 */
export async function findInTurns(turns: Turns, text: string, from: number): Promise<Search> {
  const pattern = new RegExp(text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'), 'iu');
  const found: FoundText[] = from > 1 ? [] : placesIn(pattern, null, openingParts(turns));
  let left = mostBytes;
  for (let index = from - 1; index < turns.sizes.length; index += 1) {
    left -= turns.sizes[index] ?? 0;
    if ((left < 0 && index > from - 1) || found.length >= mostFound) return { found, next: index + 1 };
    const [turn] = await turns.read(index, 1);
    if (turn !== undefined) appendAll(found, placesIn(pattern, turn.number, turnParts(turn)));
  }
  return { found, next: turns.unseenBytes > 0 ? turns.sizes.length + 1 : null };
}

type Part = readonly [where: string, text: string | null];

function openingParts({ opening }: Turns): Part[] {
  return opening.map(({ role, text }) => [`${role} message`, text]);
}

function turnParts(turn: Turn): Part[] {
  return [
    ['thought', turn.thought],
    ['answer', turn.text],
    ...turn.calls.map(({ command }): Part => ['command', command]),
    ['turned down', turn.formatError],
    ...turn.said.map((said): Part => ['told', said]),
    ...turn.outputs.map(({ text }): Part => ['output', text]),
  ];
}

function placesIn(pattern: RegExp, turn: number | null, parts: readonly Part[]): FoundText[] {
  return parts.flatMap(([where, text]) => {
    const place = text === null ? null : pattern.exec(text);
    if (text === null || place === null) return [];
    const end = place.index + place[0].length;
    const start = Math.max(0, place.index - besideCharacters);
    return [
      {
        ...{ turn, where, match: place[0] },
        before: `${start > 0 ? '…' : ''}${text.slice(start, place.index)}`,
        after: `${text.slice(end, end + besideCharacters)}${end + besideCharacters < text.length ? '…' : ''}`,
      },
    ];
  });
}
