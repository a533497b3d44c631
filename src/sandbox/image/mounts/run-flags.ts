import { instructionsOf } from './instructions.js';

/** The flags (`--mount=...`) of every RUN that any engine could see in a Dockerfile. */
export function runFlags(text: string): ReadonlySet<string> {
  const flags = new Set<string>();
  for (const rest of instructionsOf(text, 'run', (one) => leadingFlags(one).isDecided))
    for (const flag of leadingFlags(rest).flags) flags.add(flag);
  return flags;
}

/** What is known of an instruction's flags when only its beginning has been read. */
function leadingFlags(rest: string): { readonly flags: readonly string[]; readonly isDecided: boolean } {
  const flags: string[] = [];
  for (const word of rest.split(/[\x00-\x20\x7f]+/)) {
    if (word === '') continue;
    if (!/^(?:-|[\x80-\xff])/.test(word)) return { flags, isDecided: true };
    flags.push(word);
  }
  return { flags, isDecided: false };
}
