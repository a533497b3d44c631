import type { FoundCall } from './found-call.js';

const opener = /(?:<tool_call>\s*)?<function(?:=|\s+name=)["']?([^>"'\s]+)["']?\s*>/g;
const parameter = /<parameter(?:=|\s+name=)["']?([^>"'\s]+)["']?\s*>/g;

/**
 * Calls in Qwen's XML form. `<tool_call>` may be missing, and so may every closing tag at the end of the text.
 * A value is raw text: one line break is taken off each end, and a `</parameter>` inside it does not end it
 * unless a new parameter or the end of the function follows.
 */
export function recoverXmlCalls(text: string): readonly FoundCall[] {
  const starts = [...text.matchAll(opener)];
  return starts.map((match, index) => {
    const bodyStart = match.index + match[0].length;
    const body = text.slice(bodyStart, starts[index + 1]?.index ?? text.length);
    return { name: match[1] ?? '', arguments: JSON.stringify(readParameters(body)), start: match.index };
  });
}

function readParameters(body: string): Record<string, string> {
  const values: Record<string, string> = {};
  parameter.lastIndex = 0;
  for (let match = parameter.exec(body); match !== null; match = parameter.exec(body)) {
    const start = match.index + match[0].length;
    const { end, next } = valueEnd(body, start);
    values[match[1] ?? ''] = body.slice(start, end).replace(/^\n/, '').replace(/\n$/, '');
    parameter.lastIndex = next;
  }
  return values;
}

const properEnd =
  /<\/parameter>(?=\s*(?:<parameter[=\s]|<\/function>|<\/tool_call>|<tool_call>|<\/?[a-z_]*$|$))/g;
const improperEnd = /\r?\n<parameter[=\s]|<\/function>|<\/?tool_call>/g;

/** Where the value that starts at `start` ends, and where to look for the next parameter. */
function valueEnd(body: string, start: number): { end: number; next: number } {
  properEnd.lastIndex = start;
  const proper = properEnd.exec(body);
  if (proper !== null) return { end: proper.index, next: proper.index + proper[0].length };
  improperEnd.lastIndex = start;
  const improper = improperEnd.exec(body);
  const end = improper === null ? dropPartialTag(body, start) : improperValueEnd(body, start, improper);
  return { end, next: end };
}

/** A value cut short by the end of its function ends before the white space in front of the tag. */
function improperValueEnd(body: string, start: number, found: RegExpExecArray): number {
  if (found[0].includes('<parameter')) return found.index;
  return start + body.slice(start, found.index).trimEnd().length;
}

/** A text cut in the middle of a closing tag ends before it. */
function dropPartialTag(body: string, start: number): number {
  const partial = /\r?\n<(?:\/[a-z_]*)?$/.exec(body.slice(start));
  return partial === null ? body.length : start + partial.index;
}
