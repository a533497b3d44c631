import { parseJson } from '../../base/json-value.js';

/**
 * The members of a JSON table that lie whole in the beginning of its text: the way to the few small ones that stand before a long
 * list, without reading that. What is no table has none.
 */
export function leadingMembers(head: string): Readonly<Record<string, unknown>> {
  const members: [string, unknown][] = [];
  const opening = /^\s*\{/.exec(head);
  for (let at = opening?.[0].length ?? head.length; at < head.length;) {
    const colon = endOfToken(head, at, ':');
    const end = endOfToken(head, colon + 1, ',');
    if (end >= head.length) break;
    const key = parseJson(head.slice(at, colon));
    const value = parseJson(head.slice(colon + 1, end));
    if (typeof key !== 'string' || value === undefined) break;
    members.push([key, value]);
    if (head[end] === '}') break;
    at = end + 1;
  }
  return Object.fromEntries(members);
}

/** Where `mark` stands, or the bracket that closes the table around, outside of texts and of brackets; the text's end without one. */
function endOfToken(text: string, from: number, mark: string): number {
  let depth = 0;
  let inText = false;
  for (let at = from; at < text.length; at += 1) {
    const letter = text[at];
    if (inText && letter === '\\') at += 1;
    else if (letter === '"') inText = !inText;
    else if (inText) continue;
    else if (depth === 0 && (letter === mark || letter === '}')) return at;
    else if (letter === '[' || letter === '{') depth += 1;
    else if (letter === ']' || letter === '}') depth -= 1;
  }
  return text.length;
}
