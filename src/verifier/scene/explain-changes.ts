import { mostLines } from '../../base/number/most-lines.js';
import { createHash } from 'node:crypto';
import { readShellProgram } from '../../base/shell/shell-program.js';
import { bash } from '../../sandbox/bash.js';
import { execSafely } from '../exec-safely.js';
import type { FileChange, Sandbox } from '../../sandbox/sandbox.js';
import type { WatchedChange } from '../../record/evidence/scene-evidence.js';

type Watched = Pick<WatchedChange, 'path' | 'kind' | 'role'>;

/** What the package databases and links of the sandbox say of some files; the agent's word, a help for triage. */
export interface Registry {
  /** Path → where a link leads in the end. */
  readonly links: ReadonlyMap<string, string>;
  /** Path → packages that list it, with the digest they expect (`md5` hex from dpkg, `sha256` base64url from pip). */
  readonly records: ReadonlyMap<string, readonly { readonly by: string; readonly digest: string }[]>;
}

const maxLooked = 40;
const maxFileBytes = 64 * 2 ** 20;

/**
 * Says for each watched change what accounts for it. Contents are read through the engine; which package they
 * belong to is asked of the sandbox by list-owners.sh, in one call.
 */
export async function explainChanges(
  sandbox: Sandbox,
  { changes, watched }: { readonly changes: readonly FileChange[]; readonly watched: readonly Watched[] },
  signal: AbortSignal,
): Promise<WatchedChange[]> {
  const looked = watched
    .filter(({ kind, role }) => kind !== 'deleted' && role !== 'runner-config' && role !== 'network-config')
    .slice(0, maxLooked);
  if (looked.length === 0) return watched.map((change) => ({ ...change, explained: null, content: null }));
  const registry = await askRegistry(sandbox, { changes, paths: looked.map(({ path }) => path) }, signal);
  const changed = new Set(changes.filter(({ kind }) => kind !== 'deleted').map(({ path }) => path));
  const targets = new Set(
    looked.map(({ path }) => registry.links.get(path) ?? path).filter((path) => changed.has(path)),
  );
  const contents = new Map(
    await Promise.all(
      [...targets].map(async (path) => [path, await readSafely(sandbox, path, signal)] as const),
    ),
  );
  const known = new Set(looked);
  return watched.map((change) =>
    known.has(change)
      ? { ...change, ...explain(change.path, { registry, changed, contents }) }
      : { ...change, explained: null, content: null },
  );
}

/** Pure judgement of one path. */
export function explain(
  path: string,
  facts: {
    readonly registry: Registry;
    readonly changed: ReadonlySet<string>;
    readonly contents: ReadonlyMap<string, Buffer | null>;
  },
): Pick<WatchedChange, 'explained' | 'content'> {
  const target = facts.registry.links.get(path) ?? path;
  const isLink = target !== path;
  if (isLink && !facts.changed.has(target)) return { explained: `link to ${target}`, content: 'link' };
  const bytes = facts.contents.get(target) ?? null;
  if (bytes === null) return { explained: null, content: isLink ? 'link' : null };
  const md5 = createHash('md5').update(bytes).digest('hex');
  const sha256 = createHash('sha256').update(bytes).digest('base64url');
  const owner = namesOf(target)
    .flatMap((name) => facts.registry.records.get(name) ?? [])
    .find(({ digest }) => digest === md5 || digest === sha256);
  return {
    explained: owner === undefined ? null : owner.by,
    content: isLink ? 'link' : contentOf(target, bytes),
  };
}

/**
 * `/bin`, `/sbin` and `/lib*` are links into `/usr` in today's images, while packages may still list their files
 * there: Debian 12's procps has `/bin/ps`, which lands at `/usr/bin/ps`.
 */
function namesOf(path: string): readonly string[] {
  return /^\/usr\/(?:s?bin|lib(?:32|64|x32)?)\//.test(path) ? [path, path.slice('/usr'.length)] : [path];
}

function contentOf(path: string, bytes: Buffer): string {
  if (bytes.subarray(0, 4).equals(Buffer.from('\u007fELF', 'latin1'))) return 'elf';
  if (bytes.subarray(0, 2).toString() === '#!') return 'script';
  if (path.endsWith('.pth')) return /^\s*import[ \t]/m.test(bytes.toString('utf8')) ? 'script' : 'text';
  return path.endsWith('.py') ? 'script' : 'text';
}

const listOwners = readShellProgram('./list-owners.sh', import.meta.url);

const databases = /^\/var\/lib\/dpkg\/info\/[^/]+\.md5sums$|\.dist-info\/RECORD$/;
const maxDatabases = 1_500;

async function askRegistry(
  sandbox: Sandbox,
  { changes, paths }: { readonly changes: readonly FileChange[]; readonly paths: readonly string[] },
  signal: AbortSignal,
): Promise<Registry> {
  const records = changes
    .filter(({ path, kind }) => kind !== 'deleted' && databases.test(path))
    .map(({ path }) => path);
  const argv = bash(sandbox, listOwners, [...paths, '--', ...records.slice(0, maxDatabases)]);
  const result = await execSafely(sandbox, argv, { user: '0', cwd: '/', timeoutMs: 20_000, signal });
  return parseRegistry(result.stdout);
}

/** Reads the lines of list-owners.sh; what does not fit is passed over. */
export function parseRegistry(output: string): Registry {
  const links = new Map<string, string>();
  const records = new Map<string, { by: string; digest: string }[]>();
  for (const line of output.split('\n', mostLines)) {
    const [, from, to] = /^link (\/\S+) (\/\S+)$/.exec(line) ?? [];
    if (from !== undefined && to !== undefined) links.set(from, to);
    const record = recordOf(line);
    if (record !== null) records.set(record.path, [...(records.get(record.path) ?? []), record]);
  }
  return { links, records };
}

function recordOf(line: string): { path: string; by: string; digest: string } | null {
  const [, dpkg, md5, file] =
    /^record \/var\/lib\/dpkg\/info\/(\S+)\.md5sums ([0-9a-f]{32}) {2}(.+)$/.exec(line) ?? [];
  if (dpkg !== undefined && md5 !== undefined && file !== undefined)
    return { path: `/${file}`, by: `dpkg ${dpkg}`, digest: md5 };
  const [, folder, name, entry, sha256] =
    /^record (\/.+)\/([^/]+)\.dist-info\/RECORD (.+),sha256=([\w-]+),\d*$/.exec(line) ?? [];
  if (folder === undefined || name === undefined || entry === undefined || sha256 === undefined) return null;
  return { path: resolveEntry(folder, entry), by: `pip ${name}`, digest: sha256 };
}

/** A RECORD entry is relative to site-packages: `../../../bin/tool`. */
function resolveEntry(folder: string, entry: string): string {
  const parts = folder.split('/');
  for (const part of entry.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

async function readSafely(sandbox: Sandbox, path: string, signal: AbortSignal): Promise<Buffer | null> {
  try {
    return await sandbox.readFile(path, maxFileBytes, signal);
  } catch (error) {
    // Too large or unreadable: it stays unexplained, which is the finding.
    signal.throwIfAborted();
    if (error instanceof Error) return null;
    throw error;
  }
}
