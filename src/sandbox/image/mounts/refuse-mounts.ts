import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildContext } from '../build-context.js';
import { mountFlawHint, type MountFlaw } from './mount-flaw.js';
import { judged, willNotBuild } from './read-dockerfile.js';
import { runFlags } from './run-flags.js';

/**
 * Throws TaskError, with the reason, when a Dockerfile could reach the host through an engine's flawed mounts (see
 * mountFlaw). What is allowed there is a list; everything that is not on it is refused.
 */
export async function refuseMounts(
  { dir, dockerfile, entries }: BuildContext,
  text: string,
  flaw: Exclude<MountFlaw, null>,
): Promise<void> {
  const refuse = (reason: string): never => {
    throw willNotBuild(dir, dockerfile, reason, mountFlawHint);
  };
  if (!(await lstat(join(dir, dockerfile))).isFile())
    refuse('the Dockerfile is a link, which the engine may follow elsewhere');
  // podman hands such a file to the host's C preprocessor, whose #include reads any file of the host.
  if (dockerfile.endsWith('.in')) refuse('a Dockerfile whose name ends in .in is preprocessed on the host');
  const hasLinks = entries.some(({ kind }) => kind === 'symlink');
  const reason = mountRefusal(text, hasLinks, flaw);
  if (reason !== null) refuse(reason);
}

/** Why a Dockerfile (bytes as latin1) must not be built by a flawed engine; null when nothing speaks against it. */
export function mountRefusal(
  text: string,
  contextHasLinks: boolean,
  flaw: Exclude<MountFlaw, null> = 'mounts',
): string | null {
  return judged(() => {
    for (const flag of runFlags(text)) {
      const reason = flagRefusal(flag, contextHasLinks, flaw);
      if (reason !== null) return `RUN ${flag.slice(0, 200)}: ${reason}`;
    }
    return null;
  });
}

const plainFlag = /^--[a-z]+(?:=[A-Za-z0-9_./:@,=+-]*)?$/;
/** What a mount may say beside its type. None of these leads out of the container. */
const targetKeys = ['target', 'dst', 'destination', 'ro', 'readonly', 'required', 'uid', 'gid', 'mode'];
const keysOfType: Readonly<Record<string, readonly string[]>> = {
  tmpfs: [...targetKeys, 'size', 'tmpfs-size', 'tmpfs-mode'],
  secret: [...targetKeys, 'id', 'env'],
  ssh: [...targetKeys, 'id'],
  cache: [...targetKeys, 'id', 'sharing', 'rw', 'readwrite'],
  bind: [...targetKeys, 'source', 'src'],
};

function flagRefusal(flag: string, contextHasLinks: boolean, flaw: Exclude<MountFlaw, null>): string | null {
  if (!plainFlag.test(flag)) return 'a flag with variables, quotes or unusual characters cannot be judged';
  if (!flag.startsWith('--mount')) return null;
  const options = flag
    .slice('--mount='.length)
    .split(',')
    .map((option): [string, string] => {
      const at = option.indexOf('=');
      return at < 0 ? [option, ''] : [option.slice(0, at), option.slice(at + 1)];
    });
  const types = options.filter(([key]) => key === 'type').map(([, value]) => value);
  if (types.length > 1) return 'a mount has one type';
  const type = types[0] ?? 'bind';
  // Its value went into the options of mount(8) unread (CVE-2024-9407).
  if (options.some(([key]) => key === 'bind-propagation'))
    return 'a mount that says how it spreads can reach the host';
  if (flaw === 'caches' && type !== 'cache') return null;
  const allowed = Object.hasOwn(keysOfType, type) ? (keysOfType[type] ?? []) : [];
  const other = options.find(([key]) => key !== 'type' && !allowed.includes(key));
  if (other !== undefined) return `a mount with ${JSON.stringify(other[0])} can reach the host`;
  if (type === 'bind' && contextHasLinks) return 'a link in the build context can lead the mount to the host';
  if (options.some(([key, value]) => /^(ro|readonly)$/.test(key) && !/^(true|1)?$/.test(value)))
    return 'a mount that is written to can reach the host';
  const leavesCache = options.some(([key, value]) => key === 'id' && /\/|\.\./.test(value));
  return type === 'cache' && leavesCache ? "a cache's id with a path can reach the host" : null;
}
