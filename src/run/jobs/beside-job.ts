import { readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { JobPace } from '../../job/pace.js';
import type { RunSpec } from '../../record/run-spec.js';

/** What a job is made with that looks at a recorded one again, in a folder beside it. */
export interface BesideJob {
  readonly concurrency: number;
  /** Names of the host variables that its tasks may read: the user's word, never the record's. */
  readonly passedVariables: readonly string[];
}

/** The settings of a recorded run, for its trials to be looked at again. */
export function besideSpec(
  run: RunSpec,
  { concurrency, passedVariables }: BesideJob,
  chosen: { readonly tasks: readonly string[]; readonly attempts: readonly number[] },
): RunSpec {
  return {
    ...run,
    // All that is chosen is made, whichever part of a plan, and however many attempts, the last start was for.
    shard: null,
    attempts: chosen.attempts.reduce((most, attempt) => Math.max(most, attempt), run.attempts),
    tasks: { include: [...chosen.tasks], exclude: [], limit: null },
    concurrency,
    // Whoever made the record may be anybody: it names no variables of this machine, and leaves nothing running here.
    trial: { ...run.trial, passedVariables: [...passedVariables], keepSandboxes: false, keepFinal: false },
  };
}

/** Makes only the trials of these names. */
export function onlyThese(trials: Pick<ReadonlySet<string>, 'has'>): JobPace {
  return {
    order: (plan) => plan.filter(({ name }) => trials.has(name)),
    see: () => undefined,
    hasEnough: () => false,
  };
}

/** The first of `JOB__replay-1`, `JOB__replay-2` and so on that is not there. */
export async function nameBeside(dir: string, what: 'replay' | 'regrade'): Promise<string> {
  const there = new Set(await readdir(dirname(dir)));
  for (let number = 1; ; number += 1) {
    const name = `${basename(dir)}__${what}-${number}`;
    if (!there.has(name)) return name;
  }
}
