import { spend, UnjudgedDockerfile } from './run-flags.js';

const continuation = /[\\`][ \t\r]*$/;
const couldBe = /^[^\x21-\x7e]*(?:from\s|arg\s|(?:f(?:r(?:om?)?)?|a(?:rg?)?)$)/i;
/** What begins with the first letter of FROM or ARG, or is a line continued from its first character on. */
const beginning = /^[^\x21-\x7e]*[fa]/i;

/**
 * The images that a Dockerfile may start from or copy from: every FROM that any engine could see in it, and every `--from=`.
 * Stages' own names may be among them. Throws UnjudgedDockerfile where a variable decides.
 */
export function namedImages(text: string): ReadonlySet<string> {
  const instructions = joinedInstructions(text);
  const values = argumentValues(instructions);
  const names = instructions.flatMap((line) => {
    const [, name] = /^\s*from\s+(?:--\S+\s+)*(\S+)(?:\s+as\s+\S+)?\s*$/i.exec(line) ?? [];
    return name === undefined ? [] : [name];
  });
  const copied = [...text.matchAll(/--from=([^\s,"']+)/g)].map(([, name = '']) => name);
  const resolved = [...names, ...copied].map((name) => resolve(name.replaceAll(/["']/g, ''), values));
  return new Set(resolved.filter((name) => name !== 'scratch' && !/^\d+$/.test(name)));
}

/** Every line that could begin a FROM or ARG, joined with those it goes on in, whichever lines between count as comments. */
function joinedInstructions(text: string): readonly string[] {
  const lines = text.split('\n');
  const budget = { left: 32 * text.length + 65_536 };
  const found: string[] = [];
  for (let first = 0; first < lines.length; first += 1) {
    if (!beginning.test((lines[first] ?? '').slice(0, 256))) continue;
    for (const comment of [/^(?:#|\s*$)/, /^\s*(?:#|$)/])
      found.push(joinFrom(lines, first, { comment, budget }));
  }
  return found;
}

/** The instruction that begins with a line, joined only as long as it can be a FROM or an ARG. */
function joinFrom(
  lines: readonly string[],
  first: number,
  { comment, budget }: { readonly comment: RegExp; readonly budget: { left: number } },
): string {
  let joined = '';
  for (let at = first; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    spend(budget, line.length + joined.length + 1);
    if (at > first && comment.test(line)) continue;
    const isContinued = continuation.test(line.slice(-256));
    joined += isContinued ? line.replace(continuation, '') : line;
    if (!isContinued || !couldBe.test(joined)) return joined;
  }
  return joined;
}

/** What each ARG may be by default: more than one value where it stands more than once. */
function argumentValues(instructions: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> {
  const values = new Map<string, Set<string>>();
  for (const line of instructions) {
    const [, pairs] = /^\s*arg\s+(.*)$/i.exec(line) ?? [];
    for (const [, name = '', value = ''] of (pairs ?? '').matchAll(/(\w+)=("[^"]*"|'[^']*'|\S*)/g)) {
      const known = values.get(name) ?? new Set();
      values.set(name, known.add(value.replaceAll(/["']/g, '')));
    }
  }
  return values;
}

function resolve(name: string, values: ReadonlyMap<string, ReadonlySet<string>>): string {
  const resolved = name.replaceAll(/\$(?:(\w+)|\{(\w+)(?::-([^}$]*))?\})/g, (whole, bare, braced, other) => {
    const [only, ...more] = values.get(String(bare ?? braced)) ?? [];
    if (more.length > 0) return whole;
    return only ?? (other as string | undefined) ?? whole;
  });
  if (resolved.includes('$'))
    throw new UnjudgedDockerfile(`the image ${JSON.stringify(name.slice(0, 200))} depends on a variable`);
  return resolved;
}
