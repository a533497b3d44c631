import { jsonText, tableOf, textOf } from '../../base/json-value.js';
import { unclear, type FoundCall } from './found-call.js';
import { jsonEnd, parseLooseJson, stringEnd } from './scan-json.js';

const tag = /<tool_call>/g;
const fence = /```(?:json|tool_call|tool_code)?[ \t]*\r?\n\s*(?=[[{])/g;
const bareLine = /(?:^|\n)[^\S\n]*(?=\{\s*"(?:name|arguments|parameters)")/;
/** How many objects of a reply may turn out to be no calls before the search ends: a parse that fails costs much more. */
const mostUnreadable = 1000;
/** What may stand between two objects of one block. */
const separator = /[\s,"'`\]]*/y;

/**
 * Calls in Hermes' JSON form: inside `<tool_call>`, or bare or fenced when the object names one of `toolNames`.
 * Accepts `parameters` for `arguments`, arguments given as a string, several objects in one block, stray quotes
 * after the object and missing closing tags.
 */
export function recoverJsonCalls(text: string, toolNames: readonly string[]): readonly FoundCall[] {
  const tagged = callsAt(text, placesOf(text.matchAll(tag)));
  if (tagged.length > 0) return tagged;
  return callsAt(text, bareStarts(text)).filter((call) => toolNames.includes(call.name));
}

/** Where a call begins to be looked for. */
interface Place {
  readonly start: number;
  /** Behind the tag or the fence. */
  readonly from: number;
}

function placesOf(matches: Iterable<RegExpExecArray>): readonly Place[] {
  return Array.from(matches, (match) => ({ start: match.index, from: match.index + match[0].length }));
}

/** Where an untagged call may be: in a fence, or from the first line that begins with such an object. */
function bareStarts(text: string): readonly Place[] {
  const fenced = placesOf(text.matchAll(fence));
  if (fenced.length > 0) return fenced;
  const line = bareLine.exec(text);
  return line === null ? [] : placesOf([line]);
}

/** The calls of every place that does not lie inside an object already read: each object is read once. */
function callsAt(text: string, places: readonly Place[]): readonly FoundCall[] {
  const calls: FoundCall[] = [];
  let readTo = 0;
  let closes = true;
  let unreadable = 0;
  for (const [index, { start, from }] of places.entries()) {
    if (start < readTo) continue;
    const next = places[index + 1]?.start ?? text.length;
    // An object may quote the next tag, so its end is looked for in the whole text. Once one had none there, the others are
    // looked for up to the next place only: each search through the whole text would make the time quadratic.
    const read = readObjects(text, from, { next, to: closes ? text.length : next });
    closes &&= read.closed;
    readTo = read.end;
    for (const { raw, end, closed } of read.objects) {
      const call = closed ? callOf(raw) : salvage(raw);
      if (call !== null) calls.push({ ...call, start, end, whole: true });
      else if ((unreadable += 1) > mostUnreadable) return [unclear(text, calls[0] ?? { name: '', start })];
    }
  }
  return calls;
}

interface RawObject {
  readonly raw: string;
  readonly end: number;
  readonly closed: boolean;
}

interface ReadObjects {
  readonly objects: readonly RawObject[];
  readonly end: number;
  /** False when the last object has no end before `to`, or none that makes it JSON; it then ends at `next`. */
  readonly closed: boolean;
}

/** The raw texts of the objects that stand one after another, the first of them between `from` and `next`. */
function readObjects(
  text: string,
  from: number,
  { next, to }: { readonly next: number; readonly to: number },
): ReadObjects {
  const objects: RawObject[] = [];
  const first = text.slice(from, next).indexOf('{');
  let end = from;
  for (let start = first === -1 ? -1 : from + first; start !== -1 && start < to;) {
    const found = jsonEnd(text, start, to);
    if (found === null || (found > next && parseLooseJson(text.slice(start, found)) === undefined)) {
      objects.push({
        raw: text.slice(start, Math.max(start, next)),
        end: Math.max(end, next),
        closed: false,
      });
      return { objects, end: Math.max(end, next), closed: false };
    }
    end = found;
    objects.push({ raw: text.slice(start, end), end, closed: true });
    separator.lastIndex = end;
    separator.test(text);
    start = text[separator.lastIndex] === '{' ? separator.lastIndex : -1;
  }
  return { objects, end, closed: true };
}

function callOf(object: string): Pick<FoundCall, 'name' | 'arguments'> | null {
  if (!object.includes('"name"')) return null;
  const table = tableOf(parseLooseJson(object));
  const name = textOf(table?.['name']);
  if (table !== null && name !== null)
    return { name, arguments: argumentsText(table['arguments'] ?? table['parameters'] ?? {}, object) };
  return salvage(object);
}

/** An object that is not JSON as a whole but whose name and arguments are. */
function salvage(object: string): Pick<FoundCall, 'name' | 'arguments'> | null {
  const name = /"name"\s*:\s*"([^"\\]+)"/.exec(object)?.[1];
  const key = /"(?:arguments|parameters)"\s*:\s*(?=[{"])/.exec(object);
  if (name === undefined || key === null) return null;
  const start = key.index + key[0].length;
  const end = object[start] === '"' ? stringEnd(object, start) : jsonEnd(object, start, object.length);
  if (end === null) return null;
  const raw = object.slice(start, end);
  const value = parseLooseJson(raw);
  return value === undefined ? null : { name, arguments: argumentsText(value, raw) };
}

/** Arguments given as a string hold JSON themselves; what cannot be written as JSON stays as the model wrote it. */
function argumentsText(value: unknown, raw: string): string {
  return typeof value === 'string' ? value : (jsonText(value) ?? raw);
}
