import { lstat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { SandboxError } from '../../base/errors.js';
import { readShellProgram } from '../../base/shell/shell-program.js';
import type { Sandbox } from '../../sandbox/sandbox.js';
import type { PlannedArtifact } from './artifact-plan.js';

const program = readShellProgram('./make-room.sh', import.meta.url);
const roomLimitMs = 60_000;

/** Puts what was kept of a trial where it came from, in the main sandbox of a verifier; what was not kept is passed over. */
export async function restoreArtifacts(
  sandbox: Sandbox,
  {
    plan,
    dir,
    signal,
  }: { readonly plan: readonly PlannedArtifact[]; readonly dir: string; readonly signal: AbortSignal },
): Promise<void> {
  const found = await Promise.all(
    plan
      .filter(({ isTaken }) => !isTaken)
      .map(async ({ path, place }) => {
        const host = join(dir, place);
        const stat = await lstat(host).catch(() => null);
        return stat === null ? [] : [{ path, host, isFolder: stat.isDirectory() }];
      }),
  );
  const items = found.flat();
  const rooms = items.flatMap(({ path, isFolder }) => [isFolder ? 'd' : 'f', path]);
  const room = await sandbox.exec(['/bin/sh', '-c', program, 'sh', ...rooms], {
    user: '0',
    cwd: '/',
    timeoutMs: roomLimitMs,
    signal,
  });
  if (room.exitCode !== 0)
    throw new SandboxError(
      `no room for artifacts in the verifier's sandbox: ${room.stderr.trim().slice(-300)}`,
    );
  for (const { path, host, isFolder } of items)
    await sandbox.send(host, isFolder ? path : dirname(path), { name: basename(path), signal });
}
