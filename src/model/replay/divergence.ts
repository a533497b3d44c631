import type { RecordedTrial } from './recording.js';

/**
 * Compares what a replayed agent was told before `turn` (1-based) with what the recorded one was told: the prompt
 * before the first turn, else the messages that followed the turn before. Null when equal or not known. Pure.
 */
export function findDivergence(
  trial: RecordedTrial,
  turn: number,
  contents: readonly string[],
): { readonly recorded: string; readonly seen: string } | null {
  const expected = turn === 1 ? trial.prompt : (trial.turns[turn - 2]?.observations ?? null);
  if (expected === null) return null;
  const told = turn === 1 ? contents : contents.slice(contents.length - expected.length);
  const at = expected.findIndex((text, index) => text !== told[index]);
  if (at === -1) return null;
  return excerpt(expected[at] ?? '', told[at] ?? '');
}

const around = 200;

/** Both texts from shortly before the first difference. */
function excerpt(recorded: string, seen: string): { recorded: string; seen: string } {
  let same = 0;
  while (same < recorded.length && recorded[same] === seen[same]) same += 1;
  const from = Math.max(0, same - around / 4);
  const cut = (text: string): string => (from > 0 ? '...' : '') + text.slice(from, from + around);
  return { recorded: cut(recorded), seen: cut(seen) };
}
