import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { EnvironmentError } from '../../base/errors.js';
import { runGit, type GitOptions, type GitResult } from './git.js';
import type { ManifestSource } from './manifest.js';

export interface CheckoutRequest {
  /** Becomes the work tree; emptied first. */
  readonly dir: string;
  readonly url: string;
  readonly source: ManifestSource;
  /** Names of tasks, each with its folder in the repository where that is known; null: every task of the source's folder. */
  readonly wanted: ReadonlyMap<string, string | null> | null;
  /** What to type instead, for the error that says the network is not there. */
  readonly instead: string;
  readonly hostEnv: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  readonly onProgress: (line: string) => void;
  readonly signal?: AbortSignal;
}

export interface Checkout {
  readonly commit: string;
  /** Folder of each task found, relative to the work tree. */
  readonly folders: ReadonlyMap<string, string>;
}

/** The longest that a server may take for its list of references: the first sign that it is there at all. */
const listingTimeoutMs = 60_000;

/** The ways of fetching, from least to most traffic; servers differ in what they hand out. */
const fetchWays = [
  { what: 'one commit, files on demand', args: ['--depth=1', '--filter=blob:none'], all: false },
  { what: 'one commit whole', args: ['--depth=1', '--no-filter'], all: false },
  { what: 'the whole history', args: ['--no-filter'], all: true },
] as const;

/**
 * Fetches only the listed tasks of one commit: blobless and shallow, then a sparse checkout; a server that
 * refuses that is asked for more than we need. Throws EnvironmentError naming the URL when the server cannot
 * be reached or does not have the commit.
 */
export async function checkoutTasks(request: CheckoutRequest): Promise<Checkout> {
  const wanted = await resolveWanted(request);
  let failure: GitFailure | null = null;
  for (const way of fetchWays) {
    request.onProgress(`fetching ${request.url} at ${wanted}: ${way.what}`);
    try {
      return await tryCheckout(request, wanted, way);
    } catch (error) {
      if (!(error instanceof GitFailure)) throw error;
      failure = error;
      if (error.result.timedOut) break;
    }
  }
  throw unreachable(request, failure?.result ?? null, wanted);
}

/** A git command that failed: the server's doing, until every way of fetching has been tried. */
class GitFailure extends Error {
  constructor(readonly result: GitResult) {
    super(lastLines(result.stderr));
  }
}

async function tryCheckout(
  request: CheckoutRequest,
  wanted: string,
  way: (typeof fetchWays)[number],
): Promise<Checkout> {
  await rm(request.dir, { recursive: true, force: true });
  await mkdir(request.dir);
  await git(request, ['init', '--quiet']);
  await git(request, ['remote', 'add', 'origin', request.url]);
  await git(request, ['config', 'remote.origin.promisor', 'true']);
  await git(request, ['config', 'remote.origin.partialclonefilter', 'blob:none']);
  const what = way.all ? ['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*'] : [wanted];
  await git(request, ['fetch', '--quiet', '--no-tags', ...way.args, 'origin', ...what]);
  const commit = (
    await git(request, ['rev-parse', '--verify', '--quiet', `${wanted}^{commit}`])
  ).stdout.trim();
  const folders = await findFolders(request, commit);
  if (folders.size === 0)
    throw new EnvironmentError(`${request.url} at ${commit} has none of the dataset's tasks`);
  request.onProgress(`checking out ${folders.size} tasks`);
  const patterns = [...folders.values()]
    .map((folder) => (folder === '.' ? '/*\n' : `/${escapePattern(folder)}/\n`))
    .join('');
  await git(request, ['sparse-checkout', 'set', '--no-cone', '--stdin'], patterns);
  await git(request, ['checkout', '--quiet', '--detach', commit]);
  return { commit, folders };
}

/** The commit to fetch. An annotated tag's own id is fine: it is peeled after the fetch. */
async function resolveWanted(request: CheckoutRequest): Promise<string> {
  const { source, url } = request;
  const result = await runGit(['ls-remote', '--quiet', '--', url, source.ref ?? 'HEAD'], {
    ...runOptions(request),
    cwd: path.dirname(request.dir),
    timeoutMs: Math.min(listingTimeoutMs, request.timeoutMs),
  });
  if (result.exitCode !== 0) throw unreachable(request, result, null);
  if (source.commit !== null) return source.commit;
  const [commit] = result.stdout.split(/\s/);
  if (commit === undefined || commit === '')
    throw new EnvironmentError(`${url} has no ${source.ref ?? 'default branch'}`);
  return commit;
}

/** Where each task's description lies in the commit; the shallowest place wins. */
async function findFolders(request: CheckoutRequest, commit: string): Promise<Map<string, string>> {
  const { stdout } = await git(request, ['ls-tree', '-r', '-z', '--name-only', commit]);
  const folders = new Map<string, string>();
  const described = stdout.split('\0').filter((file) => /(^|\/)task\.(toml|yaml)$/.test(file));
  const holder = request.source.path ?? '.';
  // A holder that is a task itself is that one task: what lies in it is its own.
  const isOne = request.wanted === null && described.some((file) => path.posix.dirname(file) === holder);
  for (const file of described) {
    const folder = path.posix.dirname(file);
    if (isOne && folder !== holder) continue;
    for (const name of namesOf(folder, request)) {
      const known = folders.get(name);
      if (known === undefined || depth(folder) < depth(known)) folders.set(name, folder);
    }
  }
  return folders;
}

/** The wanted tasks that a folder with a description may be. */
function namesOf(folder: string, { wanted, source, url }: CheckoutRequest): string[] {
  const { posix } = path;
  const name = folder === '.' ? posix.basename(url, '.git') : posix.basename(folder);
  if (wanted === null) {
    const holder = source.path ?? '.';
    return [folder, posix.dirname(folder)].includes(holder) ||
      posix.dirname(folder) === posix.join(holder, 'tasks')
      ? [name]
      : [];
  }
  const placed = [...wanted].filter(
    ([, place]) => place !== null && posix.normalize(place).replace(/\/$/, '') === folder,
  );
  if (placed.length > 0) return placed.map(([one]) => one);
  const isHere = wanted.get(name) === null && (source.path === null || posix.dirname(folder) === source.path);
  return isHere ? [name] : [];
}

function depth(folder: string): number {
  return folder.split('/').length;
}

function escapePattern(folder: string): string {
  return folder.replaceAll(/[*?[\]\\!#]/g, String.raw`\$&`);
}

/** Throws GitFailure unless the command succeeds. */
async function git(request: CheckoutRequest, args: readonly string[], stdin = ''): Promise<GitResult> {
  const result = await runGit(args, { ...runOptions(request), stdin });
  if (result.exitCode !== 0) throw new GitFailure(result);
  return result;
}

function runOptions(request: CheckoutRequest): GitOptions {
  const { dir, hostEnv, timeoutMs, signal } = request;
  return { cwd: dir, hostEnv, timeoutMs, ...(signal === undefined ? {} : { signal }) };
}

function unreachable(
  request: CheckoutRequest,
  result: GitResult | null,
  commit: string | null,
): EnvironmentError {
  const what = commit === null ? request.url : `commit ${commit} of ${request.url}`;
  const why = result === null || result.timedOut ? 'no answer in time' : lastLines(result.stderr);
  return new EnvironmentError(`cannot fetch ${what}: ${why}`, { hint: request.instead });
}

function lastLines(stderr: string): string {
  const lines = stderr.trim().split('\n');
  return lines.slice(-3).join('; ') || 'git said nothing';
}
