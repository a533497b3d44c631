import { instructionsOf, UnjudgedDockerfile } from './instructions.js';

type Values = ReadonlyMap<string, ReadonlySet<string>>;

type BuildArgs = Readonly<Record<string, string>>;

/**
 * The images that a Dockerfile may start from: of every FROM that any engine could see in it. Stages' own names may be among them.
 * `buildArgs` are what the build is given. Throws UnjudgedDockerfile where a variable decides.
 */
export function startImages(text: string, buildArgs: BuildArgs): ReadonlySet<string> {
  const names = [...instructionsOf(text, 'from', null)].flatMap((rest) => {
    const [, name] = /^\s*(?:--\S+\s+)*(\S+)(?:\s+as\s+\S+)?\s*$/i.exec(rest) ?? [];
    return name === undefined ? [] : [name];
  });
  return resolved(names, argumentValues(text, buildArgs));
}

/** Those, and the images that it may copy from: every `--from=`. */
export function namedImages(text: string, buildArgs: BuildArgs = {}): ReadonlySet<string> {
  const copied = [...text.matchAll(/--from=([^\s,"']+)/g)].map(([, name = '']) => name);
  return new Set([...startImages(text, buildArgs), ...resolved(copied, argumentValues(text, buildArgs))]);
}

function resolved(names: readonly string[], values: Values): ReadonlySet<string> {
  return new Set(names.map((name) => resolve(name.replaceAll(/["']/g, ''), values)).filter(isImageName));
}

/** A number is a stage; what a wrong reading of a continued line comes to is mostly no name at all. */
function isImageName(name: string): boolean {
  return name !== 'scratch' && !/^\d+$/.test(name) && /^\w[\w.:/@-]*$/.test(name);
}

/** What each ARG may be: what the build is given, else its default; more than one where it has several. */
function argumentValues(text: string, buildArgs: BuildArgs): Values {
  const values = new Map<string, Set<string>>();
  for (const rest of instructionsOf(text, 'arg', null)) {
    for (const [, name = '', value = ''] of rest.matchAll(/(\w+)=("[^"]*"|'[^']*'|\S*)/g)) {
      const known = values.get(name) ?? new Set();
      values.set(name, known.add(value.replaceAll(/["']/g, '')));
    }
  }
  for (const [name, value] of Object.entries(buildArgs)) values.set(name, new Set([value]));
  return values;
}

function resolve(name: string, values: Values): string {
  const whole = name.replaceAll(/\$(?:(\w+)|\{(\w+)(?::-([^}$]*))?\})/g, (match, bare, braced, other) => {
    const [only, ...more] = values.get(String(bare ?? braced)) ?? [];
    if (more.length > 0) return match;
    return only ?? (other as string | undefined) ?? match;
  });
  if (whole.includes('$'))
    throw new UnjudgedDockerfile(`the image ${JSON.stringify(name.slice(0, 200))} depends on a variable`);
  return whole;
}
