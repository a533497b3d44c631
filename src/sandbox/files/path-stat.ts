import type { Stats } from 'node:fs';
import { z } from 'zod';
import { SandboxError } from '../../base/errors.js';
import type { PathStat } from '../container-streams.js';
import { parseJson } from '../../base/json-value.js';

/** Header in which the archive API describes a path: base64 of JSON, with Go's FileMode. */
export const pathStatHeader = 'x-docker-container-path-stat';

const header = z.object({ size: z.number(), mode: z.number(), linkTarget: z.string().nullish() });

const goMode = { directory: 2 ** 31, symlink: 2 ** 27, setuid: 2 ** 23, setgid: 2 ** 22, sticky: 2 ** 20 };
/** Device, pipe, socket, character device, irregular. */
const goSpecial = 2 ** 26 + 2 ** 25 + 2 ** 24 + 2 ** 21 + 2 ** 19;

/** Reads the header; throws SandboxError when the engine sent none or another shape. */
export function parsePathStat(value: unknown): PathStat {
  const text = typeof value === 'string' ? Buffer.from(value, 'base64').toString() : '';
  try {
    const { size, mode, linkTarget } = header.parse(parseJson(text));
    const kind = kindOf(mode);
    // podman fills in a target for files too.
    const target = kind === 'symlink' ? (linkTarget ?? '') : '';
    return { kind, sizeBytes: Math.max(0, size), mode: permissionBits(mode), linkTarget: target };
  } catch (error) {
    throw new SandboxError(
      `the engine described a path in a way that is not understood: ${text.slice(0, 100)}`,
      {
        cause: error,
      },
    );
  }
}

/** The same of an entry that this machine sees itself and that is no link. */
export function pathStatOf(stats: Stats): PathStat {
  const kind = stats.isDirectory() ? 'directory' : stats.isFile() ? 'file' : 'other';
  return { kind, sizeBytes: stats.size, mode: stats.mode & 0o7777, linkTarget: '' };
}

function kindOf(mode: number): PathStat['kind'] {
  if (has(mode, goMode.symlink)) return 'symlink';
  if (has(mode, goMode.directory)) return 'directory';
  return Number(BigInt(mode) & BigInt(goSpecial)) === 0 ? 'file' : 'other';
}

function permissionBits(mode: number): number {
  const special = (has(mode, goMode.setuid) ? 0o4000 : 0) + (has(mode, goMode.setgid) ? 0o2000 : 0);
  return (mode % 0o1000) + special + (has(mode, goMode.sticky) ? 0o1000 : 0);
}

/** Go's modes exceed 31 bits, where JavaScript's bitwise operators turn negative. */
function has(mode: number, bit: number): boolean {
  return Math.floor(mode / bit) % 2 === 1;
}
