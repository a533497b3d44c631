import { tableOf, textOf } from '../../base/json-value.js';
import type { FoundCall } from './found-call.js';
import { jsonEnd, parseLooseJson, stringEnd } from './scan-json.js';

const tag = '<tool_call>';
const fence = /```(?:json|tool_call|tool_code)?[ \t]*\r?\n\s*(?=[[{])/g;

/**
 * Calls in Hermes' JSON form: inside `<tool_call>`, or bare or fenced when the object names one of `toolNames`.
 * Accepts `parameters` for `arguments`, arguments given as a string, several objects in one block, stray quotes
 * after the object and missing closing tags.
 */
export function recoverJsonCalls(text: string, toolNames: readonly string[]): readonly FoundCall[] {
  const tagged = taggedRegions(text).flatMap(({ start, end }) =>
    objectsIn(text, start + tag.length, end)
      .flatMap((object) => callOf(object))
      .map((call) => ({ ...call, start })),
  );
  if (tagged.length > 0) return tagged;
  return bareStarts(text).flatMap(({ start, from }) =>
    objectsIn(text, from, text.length)
      .flatMap((object) => callOf(object))
      .filter((call) => toolNames.includes(call.name))
      .map((call) => ({ ...call, start })),
  );
}

function taggedRegions(text: string): readonly { readonly start: number; readonly end: number }[] {
  const regions: { start: number; end: number }[] = [];
  for (let start = text.indexOf(tag); start !== -1;) {
    const next = text.indexOf(tag, start + tag.length);
    regions.push({ start, end: next === -1 ? text.length : next });
    start = next;
  }
  return regions;
}

/** Where an untagged call may be: in a fence, or from the first line that begins with such an object. */
function bareStarts(text: string): readonly { readonly start: number; readonly from: number }[] {
  const fenced = [...text.matchAll(fence)];
  const line = /(?:^|\n)[^\S\n]*(?=\{\s*"(?:name|arguments|parameters)")/.exec(text);
  const places = fenced.length > 0 || line === null ? fenced : [line];
  return places.map((match) => ({ start: match.index, from: match.index + match[0].length }));
}

/** The raw texts of the objects that stand one after another from `from` on. */
function objectsIn(text: string, from: number, to: number): readonly string[] {
  const region = text.slice(from, to);
  const objects: string[] = [];
  for (let start = region.indexOf('{'); start !== -1;) {
    const between = region.slice(objects.length === 0 ? 0 : lastEnd(region, objects), start);
    if (objects.length > 0 && !/^[\s,"'`\]]*$/.test(between)) break;
    const end = jsonEnd(region, start);
    objects.push(region.slice(start, end ?? region.length));
    if (end === null) break;
    start = region.indexOf('{', end);
  }
  return objects;
}

function lastEnd(region: string, objects: readonly string[]): number {
  const last = objects.at(-1) ?? '';
  return region.lastIndexOf(last) + last.length;
}

function callOf(object: string): readonly Omit<FoundCall, 'start'>[] {
  const table = tableOf(parseLooseJson(object));
  const name = textOf(table?.['name']);
  if (table !== null && name !== null) {
    return [{ name, arguments: argumentsText(table['arguments'] ?? table['parameters'] ?? {}) }];
  }
  return salvage(object);
}

/** An object that is not JSON as a whole but whose name and arguments are. */
function salvage(object: string): readonly Omit<FoundCall, 'start'>[] {
  const name = /"name"\s*:\s*"([^"\\]+)"/.exec(object)?.[1];
  const key = /"(?:arguments|parameters)"\s*:\s*(?=[{"])/.exec(object);
  if (name === undefined || key === null) return [];
  const start = key.index + key[0].length;
  const end = object[start] === '"' ? stringEnd(object, start) : jsonEnd(object, start);
  if (end === null) return [];
  const value = parseLooseJson(object.slice(start, end));
  return value === undefined ? [] : [{ name, arguments: argumentsText(value) }];
}

/** Arguments given as a string hold JSON themselves. */
function argumentsText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
