import { link, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { makeFolder } from './make-folder.js';
import { sleep } from '../deadline.js';
import { LockedError } from '../errors.js';
import { readForeignFile } from '../foreign-file.js';
import { identify, ownerState, uniqueSuffix, type ProcessIdentity } from '../process-identity.js';

/** A held lock; disposing it gives it up. A process that died holds nothing. */
export type FileLock = AsyncDisposable;

/** Who holds a lock; the content of the lock file. */
interface LockHolder extends ProcessIdentity {
  /** Tells one holding from the next of the same process. */
  readonly token: string;
  readonly since: string;
}

const pollMs = 100;
const maxLockBytes = 64 * 1024;

/**
 * Takes the lock at `path`, or throws `LockedError` when a living process holds it (one of another machine
 * counts as living: nobody here can tell).
 */
export async function takeFileLock(path: string): Promise<FileLock> {
  const claim = await writeClaim(path);
  try {
    const rival = await tryClaim(path, claim);
    if (rival !== null) throw lockedBy(path, rival);
    return heldLock(path, claim);
  } finally {
    await rm(claim.file, { force: true });
  }
}

/** Throws `LockedError` when a living process holds the lock at `path`, without taking it. */
export async function refuseHeld(path: string): Promise<void> {
  const holder = await readHolder(path);
  if (holder !== null && ownerState(holder) !== 'dead') throw lockedBy(path, holder);
}

/** Waits until the lock is ours. Throws the signal's reason when it aborts first. */
export async function waitForFileLock(path: string, signal?: AbortSignal): Promise<FileLock> {
  const claim = await writeClaim(path);
  try {
    while ((await tryClaim(path, claim)) !== null) await sleep(pollMs, signal);
    return heldLock(path, claim);
  } finally {
    await rm(claim.file, { force: true });
  }
}

/** Whether a living process holds the lock at `path`. */
export async function isLocked(path: string): Promise<boolean> {
  const holder = await readHolder(path);
  return holder !== null && ownerState(holder) !== 'dead';
}

interface Claim {
  /** Holds the holder's record, complete, before it can take the lock's name. */
  readonly file: string;
  readonly holder: LockHolder;
}

async function writeClaim(path: string): Promise<Claim> {
  const holder = { ...identify(), token: uniqueSuffix(), since: new Date().toISOString() };
  const file = `${path}.${process.pid}.${holder.token}`;
  await makeFolder(dirname(path));
  await writeFile(file, JSON.stringify(holder), { flag: 'wx', mode: 0o600 });
  return { file, holder };
}

/**
 * Null when the lock is ours now, else who holds it. A dead holder's lock is taken over; of several that try,
 * one wins, because the take-over itself is an exclusive link named after the dead holder.
 */
async function tryClaim(path: string, claim: Claim): Promise<LockHolder | null> {
  if (await linkExclusive(claim.file, path)) return null;
  const holder = await readHolder(path);
  if (holder !== null && ownerState(holder) !== 'dead') return holder;
  const takeover = `${path}.after-${holder?.token ?? 'damage'}`;
  if (!(await linkExclusive(claim.file, takeover))) return await rivalOf(takeover, claim.holder);
  try {
    const current = await readHolder(path);
    if (current?.token !== holder?.token) return current ?? claim.holder;
    const replacement = `${claim.file}.new`;
    await link(claim.file, replacement);
    await rename(replacement, path);
    return null;
  } finally {
    await rm(takeover, { force: true });
  }
}

/** Who is taking over; one that died while doing so is cleared away for the next try. */
async function rivalOf(takeover: string, self: LockHolder): Promise<LockHolder> {
  const rival = await readHolder(takeover);
  if (rival === null || ownerState(rival) === 'dead') await rm(takeover, { force: true });
  return rival ?? self;
}

function heldLock(path: string, { holder }: Claim): FileLock {
  return {
    [Symbol.asyncDispose]: async () => {
      if ((await readHolder(path))?.token === holder.token) await rm(path, { force: true });
    },
  };
}

/** A hard link either takes the name with its content complete, or finds it taken. */
async function linkExclusive(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Null for no file and for a damaged one. */
async function readHolder(path: string): Promise<LockHolder | null> {
  const file = await readForeignFile(dirname(path), basename(path), { maxBytes: maxLockBytes });
  try {
    const { pid, startedAt, realm, token, since } = JSON.parse(
      file.kind === 'file' ? file.value.toString('utf8') : '',
    ) as Partial<LockHolder>;
    if (typeof pid !== 'number' || typeof startedAt !== 'string' || typeof realm !== 'string') return null;
    return { pid, startedAt, realm, token: token ?? '', since: since ?? '' };
  } catch {
    return null;
  }
}

function lockedBy(path: string, holder: LockHolder): LockedError {
  const host = holder.realm.split('/')[0] ?? '';
  return new LockedError(`${path} is held by process ${holder.pid} on ${host} since ${holder.since}`, {
    hint: 'Wait for it to end, or stop it; a lock of a dead process is taken over by itself.',
  });
}
