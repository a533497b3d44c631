import type { FileChange } from '../../sandbox/sandbox.js';
import type { WatchedChange } from '../../record/evidence/scene-evidence.js';
import type { TestScript } from '../tests/test-script.js';

type Watched = Pick<WatchedChange, 'path' | 'kind' | 'role'>;

/** What decides whether a changed path matters to a task's tests. */
export interface WatchContext {
  readonly script: TestScript;
  /** PATH as it was before the agent. */
  readonly searchPath: string;
  readonly home: string;
  readonly workdir: string;
}

const loader =
  /^\/etc\/ld\.so\.(?:preload|conf)$|^\/(?:usr\/)?lib(?:64)?\/(?:[\w-]+\/)?(?:ld-linux[\w.-]*|libc\.so\.6)$/;
const pythonHook = /\/(?:site|dist)-packages\/[^/]+\.pth$|\/(?:sitecustomize|usercustomize)\.py$/;
/** pytest looks for its configuration in /tests and the folders above it, of which there is only the root. */
const runnerConfig =
  /^\/(?:conftest\.py|\.?pytest\.(?:ini|toml)|tox\.ini|setup\.(?:cfg|py)|pyproject\.toml)$/;
const networkConfig =
  /^\/etc\/(?:pip\.conf|curlrc|wgetrc|uv\/|xdg\/(?:uv|pip)\/|apt\/(?:apt\.conf|sources\.list)|ssl\/(?!certs\/[0-9a-f]{8}\.\d$)|resolv\.conf|nsswitch\.conf)|^\/usr\/local\/share\/ca-certificates\/./;
const homeConfig = /^\/(?:\.curlrc|\.wgetrc|\.pip\/|\.netrc|\.config\/(?:uv|pip)\/)/;

/** The changes to files that the tests of this task lean on: tools by name in every PATH folder, hooks, configuration. */
export function watchedChanges(changes: readonly FileChange[], context: WatchContext): Watched[] {
  const folders = new Set([
    ...context.searchPath.split(':').filter((path) => path.startsWith('/')),
    '/bin',
    '/sbin',
  ]);
  const tools = new Set(context.script.tools);
  const isTool = (path: string): boolean => {
    const at = path.lastIndexOf('/');
    return folders.has(path.slice(0, at)) && tools.has(path.slice(at + 1));
  };
  const roleOf = (path: string): Watched['role'] | null => {
    if (isTool(path)) return 'tool';
    if (loader.test(path)) return 'loader';
    if (pythonHook.test(path)) return 'python-hook';
    if (runnerConfig.test(path) && context.workdir !== '/') return 'runner-config';
    const inHome = path.startsWith(`${context.home}/`) && homeConfig.test(path.slice(context.home.length));
    return networkConfig.test(path) || inHome ? 'network-config' : null;
  };
  return changes.flatMap(({ path, kind }) => {
    const role = roleOf(path);
    return role === null ? [] : [{ path, kind, role }];
  });
}

/** Of a line of /etc/hosts, in characters. */
const longestHostsLine = 100_000;

/** Names in `/etc/hosts` that the tests fetch from, or that package tools always ask. */
export function redirectedHosts(hostsFile: readonly string[], script: TestScript): string[] {
  const wanted = new Set([...script.hosts, ...packageHosts]);
  const names = hostsFile.flatMap((line) =>
    line.slice(0, longestHostsLine).replace(/#.*/, '').trim().split(/\s+/).slice(1),
  );
  return [...new Set(names.filter((name) => wanted.has(name)))].sort();
}

const packageHosts = [
  'astral.sh',
  'pypi.org',
  'files.pythonhosted.org',
  'deb.debian.org',
  'archive.ubuntu.com',
  'github.com',
];
