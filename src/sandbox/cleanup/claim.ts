import { lstat, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { ownerState, type OwnerState, type ProcessIdentity } from '../../base/process-identity.js';

/** For this long after its last turn a sandbox waits for somebody to go on in it. */
export const claimLimitMs = 24 * 3_600_000;

const maxClaimBytes = 4 * 2 ** 20;

/**
 * The part of a claim that matters to a sweep. A claim is a file in the folder of a trial: it names the container, who works with
 * it, and whether somebody may go on where that process died. Shelved with an earlier try, or removed, it is no claim any more.
 */
const claimSchema = z.object({
  owner: z.object({ pid: z.number(), startedAt: z.string(), realm: z.string() }),
  is_open: z.boolean(),
  ticket: z.object({ container: z.object({ id: z.string() }) }),
});

/**
 * Whose a container is by its claim: `dead` when nobody works with it and nobody may go on in it, `waiting` when somebody may.
 * Null when there is no claim.
 */
export async function readClaim(
  path: string,
  containerId: string,
): Promise<{ readonly owner: ProcessIdentity; readonly state: OwnerState | 'waiting' } | null> {
  try {
    const { size } = await lstat(path);
    if (size > maxClaimBytes) return null;
    const claim = claimSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    if (claim.ticket.container.id !== containerId) return null;
    const state = ownerState(claim.owner);
    const mayGoOn = claim.is_open && Date.now() - (await lastSign(path)) < claimLimitMs;
    return { owner: claim.owner, state: state === 'dead' && mayGoOn ? 'waiting' : state };
  } catch {
    return null;
  }
}

/** When something was last written to the folder's claim or its answers. */
async function lastSign(path: string): Promise<number> {
  const answers = join(dirname(path), 'answers.jsonl');
  const answered = await lstat(answers).catch(() => null);
  return Math.max((await lstat(path)).mtimeMs, answered?.mtimeMs ?? 0);
}
