import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { describeError, TbenchError } from '../../base/errors.js';
import { writeJson } from '../../results/write-file.js';
import type { FileChange } from '../../sandbox/sandbox.js';
import type { Left } from '../trial-state.js';

/** Images of kept sandboxes and nothing else: a record names one, and whoever made the record may be anybody. */
const finalReference = /^localhost\/tbench\/final:[0-9a-f-]{36}$/;
const maxLayerBytes = 8 * 2 ** 30;

/**
 * `final.json` of a trial that was run with `--keep-final`: the sandbox as its agent left it, as an image on the engine that ran it,
 * and what only that engine could have said of it.
 */
export const finalStateSchema = z.strictObject({
  version: z.literal(1),
  image: z.strictObject({ reference: z.string().regex(finalReference), id: z.string() }),
  /** What differed from the task's image. */
  changes: z.array(z.strictObject({ path: z.string(), kind: z.enum(['added', 'modified', 'deleted']) })),
  initial: z.strictObject({ home: z.string(), changedPaths: z.array(z.string()) }),
  /** Processes of the agent's unfinished command. */
  killed: z.array(z.string()),
});
export type FinalState = z.infer<typeof finalStateSchema>;

/** Keeps the sandbox for a later `tbench regrade`. Best effort: what cannot be kept is told, and fails no trial. */
export async function keepFinal(state: Left, signal: AbortSignal): Promise<readonly string[]> {
  const { trial, environment } = state;
  // A separate verifier's artifacts are kept always, and are all that it needs.
  if (!trial.settings.keepFinal || trial.spec.task.verifier.separate !== null) return [];
  const told = (why: string): string[] => [`the sandbox is not kept for tbench regrade: ${why}`];
  try {
    const obstacle = await obstacleTo(state, signal);
    if (obstacle !== null) return told(obstacle);
    const changes: readonly FileChange[] = await environment.main.changes(signal);
    const reference = `localhost/tbench/final:${randomUUID()}`;
    const id = await environment.main.snapshot(reference, { isKept: true, signal });
    const { home, changedPaths } = state.initial;
    const final: FinalState = {
      version: 1,
      image: { reference, id: id.startsWith('sha256:') ? id : `sha256:${id}` },
      changes: changes.map((change) => ({ ...change })),
      initial: { home, changedPaths: [...changedPaths] },
      killed: [...state.killed],
    };
    await writeJson(trial.store.paths.final, JSON.parse(trial.store.redact(JSON.stringify(final))));
    return [];
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof TbenchError)) throw error;
    return told(describeError(error).split('\n')[0] ?? '');
  }
}

/** Why an image of main would not be the whole of what the tests see; null when it would be. */
async function obstacleTo(
  { trial, environment: { main, sandboxes } }: Left,
  signal: AbortSignal,
): Promise<string | null> {
  if (trial.spec.task.steps.length > 0) return 'a task of several steps is judged between them';
  if (sandboxes.size > 1) return 'there are services beside it';
  // Every container has its own shared memory, which nobody expects to outlive it.
  const mounts = main.mounts.filter((path) => path !== '/dev/shm');
  if (mounts.length > 0) return `${mounts.join(', ')} cannot be part of an image`;
  const { diskBytes } = await main.vitals(signal);
  return (diskBytes ?? 0) > maxLayerBytes ? `it wrote ${diskBytes ?? 0} bytes` : null;
}
