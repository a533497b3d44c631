import type { Sandbox } from '../../sandbox/sandbox.js';
import { unknownUser } from '../../sandbox/container/entrypoint.js';

const maxPasswdBytes = 2 ** 20;

/** Throws TaskError, before the agent, when the tests are to run as a user that the image does not have. */
export async function requireUser(sandbox: Sandbox, user: string | null, signal: AbortSignal): Promise<void> {
  const name = user?.split(':')[0] ?? '';
  if (user === null || /^\d*$/.test(name)) return;
  const passwd = (await sandbox.readFile('/etc/passwd', maxPasswdBytes, signal))?.toString() ?? '';
  if (!passwd.split('\n').some((line) => line.startsWith(`${name}:`)))
    throw unknownUser(sandbox.image.reference, name);
}
