import { lstat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { SandboxError } from '../../base/errors.js';
import { quoteForShell } from '../../base/shell/shell-quote.js';
import { readShellProgram } from '../../base/shell/shell-program.js';
import type { Sandbox } from '../../sandbox/sandbox.js';
import { isRoot } from '../../verifier/log-folders.js';
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
  const { exitCode, said } = await makeRoom(sandbox, rooms, signal);
  if (exitCode !== 0)
    throw new SandboxError(`no room for artifacts in the verifier's sandbox: ${said.trim().slice(-300)}`);
  for (const { path, host, isFolder } of items)
    await sandbox.send(host, isFolder ? path : dirname(path), { name: basename(path), signal });
}

/** In the shell that is open already where that is root's: a process of the engine's costs as much as a container. */
async function makeRoom(
  sandbox: Sandbox,
  rooms: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly exitCode: number; readonly said: string }> {
  const limit = { timeoutMs: roomLimitMs, signal };
  if (isRoot(sandbox.user)) {
    const command = `(cd /; set -- ${rooms.map(quoteForShell).join(' ')}\n${program}\n)`;
    const { exitCode, output } = await sandbox.run(command, { ...limit, keepsState: false });
    return { exitCode, said: output.head + output.tail };
  }
  const argv = ['/bin/sh', '-c', program, 'sh', ...rooms];
  const { exitCode, stderr } = await sandbox.exec(argv, { user: '0', cwd: '/', ...limit });
  return { exitCode, said: stderr };
}
