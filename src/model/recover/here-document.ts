const marker = /<<(-?)[ \t]*(["'\\]?)([A-Za-z_]\w{0,99})/g;

/**
 * True when a shell command begins a here-document that it does not end: it is then only the beginning of what was
 * meant. Takes a shift by a variable (`1<<n`) for one too.
 */
export function leavesHereDocumentOpen(command: string): boolean {
  const begun = Array.from(command.matchAll(marker), (match) => ({ at: match.index, word: match[3] ?? '' }));
  const open = begun.filter(({ at }) => command[at - 1] !== '<');
  if (open.length === 0) return false;
  const lastLine = lastLines(command, new Set(open.map(({ word }) => word)));
  return open.some(({ at, word }) => (lastLine.get(word) ?? -1) < at);
}

/** Where each of the words last stands as a line of its own, tabs before it aside. */
function lastLines(command: string, words: ReadonlySet<string>): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  for (let start = 0; start <= command.length;) {
    const found = command.indexOf('\n', start);
    const end = found === -1 ? command.length : found;
    const line = command.slice(start, end).replace(/^\t+/, '').replace(/\r$/, '');
    if (words.has(line)) places.set(line, start);
    start = end + 1;
  }
  return places;
}
