import type { Sandbox } from '../sandbox/sandbox.js';
import { execSafely } from './exec-safely.js';

/** Where agents write what they want kept of their run. */
const agentLogs = '/logs/agent';
/** Where the tests leave their reward and their reports. */
export const verifierLogs = '/logs/verifier';
/** What lies here when the agent has left is kept without being asked for. */
export const artifactLogs = '/logs/artifacts';
const openLimitMs = 20_000;

/**
 * Makes the log folders that reference solutions and agents may write into without making them first, as upstream
 * mounts them. What lies in the verifier's is removed again before the tests run.
 */
export async function makeLogFolders(
  sandbox: Sandbox,
  { user, signal }: { readonly user: string; readonly signal: AbortSignal },
): Promise<void> {
  const folders = [agentLogs, verifierLogs, artifactLogs];
  await Promise.all(
    folders.map(async (folder) => {
      if ((await sandbox.stat(folder, signal)) === null) await sandbox.upload(folder, [], signal);
    }),
  );
  await openFolders(sandbox, folders, { user, signal });
}

/** Lets a user who is not root write into folders that are root's. */
export async function openFolders(
  sandbox: Sandbox,
  folders: readonly string[],
  { user, signal }: { readonly user: string; readonly signal: AbortSignal },
): Promise<void> {
  if (isRoot(user)) return;
  const options = { user: '0', cwd: '/', timeoutMs: openLimitMs, signal };
  await execSafely(sandbox, ['/bin/chmod', '777', ...folders], options);
}

/** Whether `user`, `user:group` or an empty text (an image's own, unset) means root. */
export function isRoot(user: string): boolean {
  return /^(?:|0|root)(?::.*)?$/.test(user);
}
