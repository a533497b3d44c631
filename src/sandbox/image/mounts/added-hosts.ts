import { instructionsOf, UnjudgedDockerfile } from './instructions.js';

/** How a source begins that an engine fetches itself. */
const fetched = ['http://', 'https://', 'git://', 'ssh://', 'ftp://', 'git@'];
/** Everything before a path, a query or a fragment; the last `@` ends the name of a user. */
const plainHost = /^(?:.*@)?([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d*)?$/i;

/**
 * The hosts that an engine itself would ask for the sources of every ADD that any engine could see in a Dockerfile. Throws
 * UnjudgedDockerfile where a variable decides which they are, or what engines could read in several ways.
 */
export function addedHosts(text: string): ReadonlySet<string> {
  const hosts = new Set<string>();
  for (const rest of instructionsOf(text, 'add', null))
    for (const source of sourcesOf(rest)) {
      // Engines take quotes and escapes away, and what is left may be an address.
      for (const read of new Set([source, source.replaceAll(/["'\\`]/g, '')])) {
        const host = hostOf(read);
        if (host !== null) hosts.add(host);
      }
    }
  return hosts;
}

/** All but the last word, which says where to. */
function sourcesOf(rest: string): readonly string[] {
  const plain = rest.replace(/^(?:[^\x21-\x7e]*--\S*)*[^\x21-\x7e]*/, '');
  return (listOf(plain) ?? plain.split(/[^\x21-\x7e]+/).filter((word) => word !== '')).slice(0, -1);
}

/** The texts of a list in JSON; null where it is none, and engines take the line for words. */
function listOf(text: string): readonly string[] | null {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) && list.every((one) => typeof one === 'string') ? list : null;
  } catch {
    return null;
  }
}

/** Whom an engine would ask for a source; null for one of the build's own files. */
function hostOf(source: string): string | null {
  const shown = JSON.stringify(source.slice(0, 200));
  const [fixed = ''] = source.split('$', 1);
  const start = fetched.find((one) => fixed.toLowerCase().startsWith(one));
  if (start === undefined) {
    const mayBecomeOne = fixed !== source && fetched.some((one) => one.startsWith(fixed.toLowerCase()));
    if (mayBecomeOne) throw new UnjudgedDockerfile(`ADD ${shown} depends on a variable`);
    return null;
  }
  const [authority = ''] = source.slice(start.length).split(start === 'git@' ? /[:/]/ : /[/?#]/, 1);
  const [, host] = plainHost.exec(authority) ?? [];
  if (host === undefined)
    throw new UnjudgedDockerfile(`ADD ${shown} does not say plainly which host it asks`);
  return host.replaceAll(/[[\]]/g, '').toLowerCase();
}
