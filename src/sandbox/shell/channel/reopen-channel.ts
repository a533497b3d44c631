import { sleep } from '../../../base/deadline.js';
import { SandboxError } from '../../../base/errors.js';
import { UnreachableError, type ContainerStreams } from '../../container-streams.js';
import { provenCommand } from '../../sandbox-token.js';
import { ShellChannel } from './shell-channel.js';
import { bootCommand } from '../supervisor.js';

const reopenDelaysMs = [0, 200, 500, 1_000, 2_000, 4_000, 8_000];

/** Starts another supervisor beside a lost one. Throws SandboxError when the container or the engine is gone. */
export async function reopenChannel(
  streams: ContainerStreams,
  lost: ShellChannel | null,
  {
    user,
    label,
    signal,
  }: { readonly user: string | null; readonly label: string; readonly signal?: AbortSignal | undefined },
): Promise<ShellChannel> {
  for (const delayMs of reopenDelaysMs) {
    await sleep(delayMs, signal);
    try {
      await streams.assertAlive(signal);
      const exec = await streams.open(provenCommand(streams.token, bootCommand), {
        user,
        cwd: '/',
        env: {},
        stdin: true,
        ...(signal && { signal }),
      });
      return await ShellChannel.open(exec, signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof UnreachableError && delayMs !== reopenDelaysMs.at(-1)) continue;
      const evidence = lost?.evidence.slice(-300) ?? '';
      const said = evidence === '' ? '' : `; the lost one had said: ${evidence}`;
      throw new SandboxError(`the shell of sandbox ${label} is lost and no other can be started${said}`, {
        cause: error,
      });
    }
  }
  throw new SandboxError(`the shell of sandbox ${label} is lost`);
}
