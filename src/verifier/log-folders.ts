import type { Sandbox } from '../sandbox/sandbox.js';

/** Where agents write what they want kept of their run. */
export const agentLogs = '/logs/agent';
/** Where the tests leave their reward and their reports. */
export const verifierLogs = '/logs/verifier';
/** What lies here when the agent has left is kept without being asked for. */
export const artifactLogs = '/logs/artifacts';

/**
 * Makes the log folders that reference solutions, agents and hooks may write into without making them first, whoever they are, as
 * upstream has them. What lies in the verifier's is removed again before the tests run.
 */
export async function makeLogFolders(sandbox: Sandbox, signal: AbortSignal): Promise<void> {
  for (const folder of [agentLogs, verifierLogs, artifactLogs]) await sandbox.upload(folder, [], signal);
}

/** Empties the verifier's folder of an environment of its own: what an image left there is not of this run. */
export async function freshVerifierLogs(sandbox: Sandbox, signal: AbortSignal): Promise<void> {
  await sandbox.remove(verifierLogs, signal);
  await sandbox.upload(verifierLogs, [], signal);
}

/** Whether `user`, `user:group` or an empty text (an image's own, unset) means root. */
export function isRoot(user: string): boolean {
  return /^(?:|0|root)(?::.*)?$/.test(user);
}
