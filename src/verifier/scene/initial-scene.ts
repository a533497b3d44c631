import { mostLines } from '../../base/number/most-lines.js';
import type { FileChange, Sandbox } from '../../sandbox/sandbox.js';
import { isRoot } from '../log-folders.js';

const maxPasswdBytes = 2 ** 20;
/** Homes by image and user: an image's /etc/passwd is read once, not once a trial. */
export type HomeCache = Map<string, Promise<string>>;

/** What a sandbox was like before the agent's first command; compared with what it is like after it. */
export interface InitialScene {
  /** Home of the user that runs the tests. */
  readonly home: string;
  /** Paths that differed from the image already; bounded. */
  readonly changedPaths: readonly string[];
}

const maxPaths = 2_000;

/** Looks at a sandbox that no agent has been in. */
export async function inspectInitialScene(
  sandbox: Sandbox,
  options: { readonly user: string; readonly homes: HomeCache; readonly signal: AbortSignal },
): Promise<InitialScene> {
  const [home, changes] = await Promise.all([homeOf(sandbox, options), sandbox.changes(options.signal)]);
  return { home, changedPaths: changes.slice(0, maxPaths).map(({ path }) => path) };
}

/** What differs from the image now and did not before the agent, or is gone. A path that differed already is left out: engines do not say whether it changed again. */
export function changesSince(changes: readonly FileChange[], initial: InitialScene): FileChange[] {
  const before = new Set(initial.changedPaths);
  return changes.filter(({ path, kind }) => kind === 'deleted' || !before.has(path));
}

async function homeOf(
  sandbox: Sandbox,
  { user, homes, signal }: { readonly user: string; readonly homes: HomeCache; readonly signal: AbortSignal },
): Promise<string> {
  if (isRoot(user)) return '/root';
  const name = user.split(':')[0] ?? '';
  const key = `${sandbox.image.id} ${name}`;
  const known = homes.get(key);
  if (known !== undefined) return known;
  const home = sandbox
    .readFile('/etc/passwd', maxPasswdBytes, signal)
    .then((text) => homeFrom(text?.toString() ?? '', name));
  homes.set(key, home);
  home.catch(() => homes.delete(key));
  return home;
}

/** The home folder of a user (name or id) in /etc/passwd; `/` when it is not listed, as engines have it. */
export function homeFrom(passwd: string, user: string): string {
  const fields = passwd.split('\n', mostLines).map((line) => line.split(':'));
  const entry = fields.find((field) => field[0] === user || field[2] === user);
  return entry?.[5] ?? '/';
}
