import pLimit from 'p-limit';
import { openDeadline, sleep } from '../../base/deadline.js';
import type { EngineClient } from '../connection/engine-client.js';
import { EngineCallError } from '../connection/engine-error.js';

/** Removes containers in the background: trials do not wait for it, only the engine's end does. */
export interface Removals {
  /** Starts the removal of a container (name or id), its processes killed without grace. */
  schedule(container: string): void;
  /** Starts what can only be done when everything scheduled so far is gone. */
  follow(work: (signal: AbortSignal) => Promise<void>): void;
  /** Resolves when everything scheduled so far is gone or given up on. */
  finished(): Promise<void>;
}

/** Removals at once. More only wait for one another in the engine's storage. */
const atOnce = 4;
/** An engine that hangs must not hold up the end of a job; what is left is for the next sweep. */
const removalLimitMs = 60_000;

export function openRemovals(
  client: EngineClient,
  onFailure: (what: string, error: unknown) => void,
): Removals {
  const limit = pLimit(atOnce);
  const running = new Set<Promise<void>>();
  return {
    schedule: (container) => {
      const removal: Promise<void> = limit(() =>
        inTime((signal) => removeContainer(client, container, signal)),
      )
        .catch((error: unknown) => onFailure(`container ${container}`, error))
        .finally(() => running.delete(removal));
      running.add(removal);
    },
    follow: (work) => {
      const before = [...running];
      const following: Promise<void> = Promise.allSettled(before)
        .then(() => inTime(work))
        .catch((error: unknown) => onFailure('networks and volumes of a trial', error))
        .finally(() => running.delete(following));
      running.add(following);
    },
    finished: async () => {
      await Promise.allSettled(running);
    },
  };
}

async function inTime(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  using deadline = openDeadline(removalLimitMs);
  await work(deadline.signal);
}

/** Removes a container and proves it: the engine must not know it any more. */
export async function endContainer(client: EngineClient, container: string): Promise<void> {
  using deadline = openDeadline(removalLimitMs);
  await removeContainer(client, container, deadline.signal);
  for (;;) {
    if (!(await isKnown(client, container, deadline.signal))) return;
    await sleep(50, deadline.signal);
  }
}

async function isKnown(client: EngineClient, container: string, signal: AbortSignal): Promise<boolean> {
  try {
    const what = `look whether container ${container} is gone`;
    await client.send({ method: 'GET', path: `/containers/${container}/json`, signal, what });
    return true;
  } catch (error) {
    if (error instanceof EngineCallError && error.status === 404) return false;
    throw error;
  }
}

/** Ends a container's processes, killed when `graceMs` have passed after its stop signal; settles when none is left. */
export async function stopContainer(client: EngineClient, container: string, graceMs = 0): Promise<void> {
  using deadline = openDeadline(removalLimitMs + graceMs);
  const seconds = String(Math.ceil(graceMs / 1000));
  await client.send({
    method: 'POST',
    path: `/containers/${container}/stop`,
    query: { t: seconds, timeout: seconds },
    signal: deadline.signal,
    what: `stop container ${container}`,
  });
}

/** Kills and removes a container with its anonymous volumes. One that is gone already is fine. */
export async function removeContainer(
  client: EngineClient,
  container: string,
  signal?: AbortSignal,
): Promise<void> {
  try {
    const query = { force: 'true', v: 'true', t: '0', timeout: '0' };
    await client.send({
      method: 'DELETE',
      path: `/containers/${container}`,
      query,
      signal,
      what: `remove container ${container}`,
    });
  } catch (error) {
    const isGone =
      error instanceof EngineCallError &&
      (error.status === 404 || /being removed|in progress/i.test(error.message));
    if (!isGone) throw error;
  }
}
