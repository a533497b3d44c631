import type { TrialPhase } from '../record/trial-phase.js';
import type { Trial } from './trial.js';
import type { StepTime } from './step-time.js';
import { begin, type TrialState } from './trial-state.js';

/** One step of a trial: what it needs to know, and what is known after it. Throws when the trial cannot go on. */
export type Step<From extends TrialState, To extends TrialState> = (
  state: From,
  signal: AbortSignal,
) => Promise<To>;

/** Takes steps, one after the other. */
export interface StepTaker {
  /** What is known after the last step, whether it came to its end or not. */
  readonly state: TrialState;
  /** Takes a step under its name: announced, logged and timed, whatever comes of it. */
  readonly take: <From extends TrialState, To extends TrialState>(
    name: TrialPhase,
    step: Step<From, To>,
    state: From,
  ) => Promise<To>;
}

/** A taker of one trial's steps. */
export function stepTaker(trial: Trial, signal: AbortSignal): StepTaker {
  let last: TrialState = begin(trial);
  return {
    get state() {
      return last;
    },
    take: async (name, step, state) => {
      const ended = startStep(trial, name);
      try {
        const next = await step(state, signal);
        const known = { ...next, times: [...state.times, ended()] };
        last = known;
        return known;
      } catch (error) {
        last = { ...state, times: [...state.times, ended()] };
        throw error;
      } finally {
        await trial.store.log(`${name} ${last.times.at(-1)?.ms ?? 0} ms`);
      }
    },
  };
}

/** Announces a step; the function returned gives its times. */
function startStep(trial: Trial, name: TrialPhase): () => StepTime {
  const startedAt = new Date().toISOString();
  const started = performance.now();
  trial.emit({ kind: 'trial-phase', trial: trial.spec.name, phase: name });
  return () => ({
    name,
    startedAt,
    finishedAt: new Date().toISOString(),
    ms: Math.round(performance.now() - started),
  });
}
