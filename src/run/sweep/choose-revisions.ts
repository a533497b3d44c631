import { anyOfName, exactly, matchesPath, type PathToken } from '../../base/files/path-pattern.js';
import { stepNumber } from '../../record/step-number.js';

/** A revision of a model, and the commit it stood for when it was found; null where its source has none. */
export interface Revision {
  readonly revision: string;
  readonly commit: string | null;
}

/** What a source holds now. */
export interface RevisionListing {
  readonly revisions: readonly Revision[];
  /** Checkpoints of a folder that are still being written. */
  readonly unfinished: readonly string[];
}

export interface RevisionChoice {
  /** Names as they are, and globs with `*` and `?`. */
  readonly patterns: readonly string[];
  /** Of those that a glob matches, the n-th, 2n-th ... in the order of their steps. */
  readonly every: number;
}

export function isGlob(pattern: string): boolean {
  return /[*?]/.test(pattern);
}

/**
 * The revisions that are asked for, each once: those of a glob by training step, then name. A name that its source does
 * not list is taken too, since a tag or commit may be meant; whether it is there, its server will say.
 */
export function chooseRevisions(
  listed: readonly Revision[],
  { patterns, every }: RevisionChoice,
): readonly Revision[] {
  const chosen = patterns.flatMap((pattern) => {
    if (isGlob(pattern)) return everyNth(matching(listed, pattern), every);
    return [listed.find(({ revision }) => revision === pattern) ?? { revision: pattern, commit: null }];
  });
  return [...new Map(chosen.map((entry) => [entry.revision, entry])).values()];
}

/**
 * The same among what a source holds and has held: half-written checkpoints and those that were deleted since (`before`) count
 * where the n-th stands, but are not taken. `passed` are those there that a glob matches and `every` leaves out.
 */
export function chooseAmong(
  { revisions, unfinished }: RevisionListing,
  before: readonly string[],
  choice: RevisionChoice,
): { readonly taken: readonly Revision[]; readonly passed: readonly string[] } {
  const there = new Set(revisions.map(({ revision }) => revision));
  const others = [...new Set([...unfinished, ...before])].filter((name) => !there.has(name));
  const all = [...revisions, ...others.map((revision) => ({ revision, commit: null }))];
  const chosen = chooseRevisions(all, choice);
  const named = new Set(choice.patterns);
  const taken = chosen.filter(({ revision }) => there.has(revision) || named.has(revision));
  const isTaken = new Set(taken.map(({ revision }) => revision));
  const matched = chooseRevisions(revisions, { patterns: choice.patterns.filter(isGlob), every: 1 });
  return { taken, passed: matched.map(({ revision }) => revision).filter((name) => !isTaken.has(name)) };
}

function matching(listed: readonly Revision[], pattern: string): readonly Revision[] {
  const tokens = Array.from(pattern, tokenOf);
  return listed
    .filter(({ revision }) => matchesPath(tokens, revision, 'itself'))
    .sort((a, b) => stepOf(a) - stepOf(b) || (a.revision < b.revision ? -1 : 1));
}

function tokenOf(character: string): PathToken {
  if (character === '*') return { kind: 'run', crossesSlash: true };
  return character === '?' ? anyOfName : exactly(character);
}

/** Revisions without a step, such as `main`, stand last. */
function stepOf({ revision }: Revision): number {
  return stepNumber(revision) ?? Number.MAX_SAFE_INTEGER;
}

function everyNth<T>(entries: readonly T[], every: number): readonly T[] {
  return entries.filter((_, index) => (index + 1) % every === 0);
}
