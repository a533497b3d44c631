import { ownOf } from '../../../base/json-value.js';
/** Variables that a compose file may name. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** What a text is filled in with; with demands on `none` a missing variable is never an error. */
export interface Filling {
  readonly variables: Variables;
  readonly demands: 'all' | 'none';
}

/** A variable that the file cannot do without (`${NAME:?why}`) is not there. */
export class MissingVariable extends Error {}

/**
 * Fills in `$NAME`, `${NAME}` and the forms with `:-`, `-`, `:?`, `?`, `:+` and `+` of the Compose specification, `$$` being a
 * dollar. A name that is not set is empty. Ours, because the packages there are bring a whole project model or other rules.
 */
export function interpolate(text: string, variables: Variables, demands: Filling['demands'] = 'all'): string {
  let out = '';
  for (let at = 0; at < text.length;) {
    const found = /^\$(?:(\$)|([A-Za-z_]\w*)|\{)/.exec(text.slice(at));
    if (found === null) {
      const next = text.indexOf('$', at + 1);
      const end = next < 0 ? text.length : next;
      out += text.slice(at, end);
      at = end;
      continue;
    }
    const [whole, dollar, name] = found;
    if (dollar !== undefined || name !== undefined) {
      out += name === undefined ? '$' : (ownOf(variables, name) ?? '');
      at += whole.length;
      continue;
    }
    const close = closingBrace(text, at + 2);
    if (close < 0) throw new MissingVariable(`"${text.slice(at, at + 40)}" has no closing brace`);
    out += braced(text.slice(at + 2, close), { variables, demands });
    at = close + 1;
  }
  return out;
}

/** Every text of a YAML tree interpolated; keys stay as they are. */
export function interpolateTree(value: unknown, filling: Filling): unknown {
  if (typeof value === 'string') return interpolate(value, filling.variables, filling.demands);
  if (Array.isArray(value)) return value.map((item) => interpolateTree(item, filling));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, interpolateTree(item, filling)]),
  );
}

function braced(inner: string, { variables, demands }: Filling): string {
  const [, name = '', operator = '', word = ''] = /^([A-Za-z_]\w*)(:?[-?+])?([\s\S]*)$/.exec(inner) ?? [];
  if (name === '' || (operator === '' && word !== ''))
    throw new MissingVariable(`"\${${inner.slice(0, 40)}}" is no variable`);
  const value = ownOf(variables, name);
  const isSet = value !== undefined && !(operator.startsWith(':') && value === '');
  if (operator.endsWith('+')) return isSet ? interpolate(word, variables, demands) : '';
  if (isSet || operator === '') return value ?? '';
  if (operator.endsWith('-')) return interpolate(word, variables, demands);
  if (demands === 'none') return '';
  throw new MissingVariable(`${name} is not set: ${interpolate(word, variables) || 'it is required'}`);
}

function closingBrace(text: string, start: number): number {
  let depth = 1;
  for (let at = start; at < text.length; at += 1) {
    if (text.startsWith('${', at)) depth += 1;
    else if (text[at] === '}') depth -= 1;
    if (depth === 0) return at;
  }
  return -1;
}
