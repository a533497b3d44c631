import type { FileChange, Sandbox } from '../../sandbox/sandbox.js';
import type { Baseline } from '../verifier.js';

const maxPasswdBytes = 2 ** 20;
/** Homes by image and user: an image's /etc/passwd is read once, not once a trial. */
export type HomeCache = Map<string, Promise<string>>;

/** What is remembered of the sandbox as it was before the agent. */
export interface BaselineFacts {
  /** Home of the user that runs the tests. */
  readonly home: string;
  /** Paths that differed from the image already. */
  readonly changedPaths: readonly string[];
}

const maxPaths = 2_000;

export async function takeBaseline(
  sandbox: Sandbox,
  options: { readonly user: string; readonly homes: HomeCache; readonly signal: AbortSignal },
): Promise<Baseline> {
  const [home, changes] = await Promise.all([homeOf(sandbox, options), sandbox.changes(options.signal)]);
  const facts: BaselineFacts = { home, changedPaths: changes.slice(0, maxPaths).map(({ path }) => path) };
  return { takenAt: new Date().toISOString(), facts: { ...facts } };
}

/** Reads the facts back; anything unexpected counts as unknown. */
export function baselineFacts(baseline: Baseline): BaselineFacts {
  const { home, changedPaths } = baseline.facts;
  return {
    home: typeof home === 'string' ? home : '/root',
    changedPaths: Array.isArray(changedPaths) ? changedPaths.filter((path) => typeof path === 'string') : [],
  };
}

/** What differs from the image now and did not before the agent, or is gone. A path that differed already is left out: engines do not say whether it changed again. */
export function changesSince(changes: readonly FileChange[], facts: BaselineFacts): FileChange[] {
  const before = new Set(facts.changedPaths);
  return changes.filter(({ path, kind }) => kind === 'deleted' || !before.has(path));
}

async function homeOf(
  sandbox: Sandbox,
  { user, homes, signal }: { readonly user: string; readonly homes: HomeCache; readonly signal: AbortSignal },
): Promise<string> {
  const name = user.split(':')[0] ?? '';
  if (name === '' || name === '0' || name === 'root') return '/root';
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
  const fields = passwd.split('\n').map((line) => line.split(':'));
  const entry = fields.find((field) => field[0] === user || field[2] === user);
  return entry?.[5] ?? '/';
}
