import { lstat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { readForeignFile } from '../../base/foreign-file.js';
import { ownerState, type OwnerState, type ProcessIdentity } from '../../base/process-identity.js';

/** For this long after its last turn a sandbox waits for somebody to go on in it. */
export const claimLimitMs = 24 * 3_600_000;

/** As much as whoever goes on with the trial reads. */
const maxClaimBytes = 64 * 2 ** 20;

/**
 * The part of a claim that matters to a sweep. A claim is a file in the folder of a trial: it names the container, who works with
 * it, and whether somebody may go on where that process died. Shelved with an earlier try, or removed, it is no claim any more.
 */
const claimSchema = z.object({
  owner: z.object({ pid: z.number(), startedAt: z.string(), realm: z.string() }),
  is_open: z.boolean(),
  ticket: z.object({ container: z.object({ id: z.string() }) }),
});

/** Whose a container is by its claim; `unknown` where there is one that cannot be read. */
interface ClaimState {
  readonly owner: ProcessIdentity | null;
  readonly state: OwnerState | 'waiting';
}

/**
 * Whose a container is by its claim: `dead` when nobody works with it and nobody may go on in it, `waiting` when somebody may.
 * Null when there is no claim of this container.
 */
export async function readClaim(path: string, containerId: string): Promise<ClaimState | null> {
  const file = await readForeignFile(dirname(path), basename(path), { maxBytes: maxClaimBytes });
  if (file.kind === 'missing') return null;
  if (file.kind === 'refused') return { owner: null, state: 'unknown' };
  const claim = claimSchema.safeParse(parsedJson(file.value.toString('utf8')));
  if (!claim.success || claim.data.ticket.container.id !== containerId) return null;
  const { owner, is_open: isOpen } = claim.data;
  const state = ownerState(owner);
  const mayGoOn = isOpen && Date.now() - (await lastSign(path)) < claimLimitMs;
  return { owner, state: state === 'dead' && mayGoOn ? 'waiting' : state };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** When something was last written to the folder's claim or its answers. */
async function lastSign(path: string): Promise<number> {
  const answers = join(dirname(path), 'answers.jsonl');
  const answered = await lstat(answers).catch(() => null);
  const claimed = await lstat(path).catch(() => null);
  return Math.max(claimed?.mtimeMs ?? 0, answered?.mtimeMs ?? 0);
}
