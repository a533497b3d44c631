import { unclear, type FoundCall } from './found-call.js';
import { leavesHereDocumentOpen } from './here-document.js';
import { readValue } from './xml-value.js';

const opener = /(?:<tool_call>\s*)?<function(?:=|\s+name=)["']?([^<>"'\s]{1,200})["']?\s*>/g;
const parameter = /\s*<parameter(?:=|\s+name=)["']?([^<>"'\s]{1,200})["']?\s*>/y;
const functionEnd = /\s*(?:<\/function>\s*(?:<\/tool_call>)?|<\/tool_call>|$|(?=<\/?[a-z_]*$))/y;
const strayEnd = /<\/(?:parameter|function)>/;

/**
 * Calls in Qwen's XML form. `<tool_call>` may be missing, and so may every closing tag at the end of the text. A
 * value is raw text that may hold such tags itself, so where they do not come in pairs, or something is left over
 * behind the calls, nobody can tell where a command ends: then all of it becomes one call that is not whole.
 */
export function recoverXmlCalls(text: string): readonly FoundCall[] {
  const calls: FoundCall[] = [];
  const inkEnd = text.trimEnd().length;
  let at = 0;
  opener.lastIndex = 0;
  for (let match = opener.exec(text); match !== null; match = opener.exec(text)) {
    const bodyStart = match.index + match[0].length;
    const body = readBody(text, bodyStart);
    if (body === 'not a call') continue;
    const name = match[1] ?? '';
    const first = calls[0] ?? { name, start: match.index };
    if (body === 'doubtful' || quotesParameter(body)) return [unclear(text, first)];
    const followed = body.end < inkEnd;
    if (followed && [...body.values.values()].some(leavesHereDocumentOpen)) return [unclear(text, first)];
    if (calls.length > 0 && strayEnd.test(text.slice(at, match.index))) return [unclear(text, first)];
    calls.push({
      name,
      arguments: JSON.stringify(Object.fromEntries(body.values)),
      start: match.index,
      end: body.end,
      whole: true,
    });
    at = body.end;
    opener.lastIndex = at;
  }
  const [first] = calls;
  return first !== undefined && strayEnd.test(text.slice(at)) ? [unclear(text, first)] : calls;
}

/** Whether a value before the last is only the beginning of a command, which then quotes the parameter that seems to follow. */
function quotesParameter({ values }: Body): boolean {
  const isHalf = (value: string): boolean =>
    leavesHereDocumentOpen(value) || value.split("'").length % 2 === 0 || value.split('"').length % 2 === 0;
  return [...values.values()].slice(0, -1).some(isHalf);
}

interface Body {
  readonly values: ReadonlyMap<string, string>;
  /** Behind the closing tags. */
  readonly end: number;
}

/** Reads the parameters that stand one after another from `start` on. */
function readBody(text: string, start: number): Body | 'not a call' | 'doubtful' {
  const values = new Map<string, string>();
  let at = start;
  for (;;) {
    parameter.lastIndex = at;
    const match = parameter.exec(text);
    if (match === null) break;
    const name = match[1] ?? '';
    const value = readValue(text, parameter.lastIndex);
    // A name comes twice when the first value quotes the closing tag and a second parameter: where it ends is unknown.
    if (value === null || values.has(name)) return 'doubtful';
    values.set(name, value.text);
    at = value.next;
  }
  functionEnd.lastIndex = at;
  const end = functionEnd.exec(text);
  if (end !== null) return { values, end: functionEnd.lastIndex };
  return values.size === 0 ? 'not a call' : { values, end: at };
}
