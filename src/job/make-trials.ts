import { linkAbort } from '../base/deadline.js';
import { CancelledError } from '../base/errors.js';
import type { WaitForRoom } from './breakers/disk-breaker.js';
import { makeTrial, type TrialMakers } from './make-trial.js';
import type { JobPace } from './pace.js';
import type { PlannedTrial } from './planned-trial.js';
import { openAdmission, type Concurrency, type Host } from './schedule/admission.js';
import { needOfTask } from './schedule/need-of-task.js';

/** Why a job ends before all its trials are made, when its pace says so. */
export const enough = new CancelledError('no further trial is needed');

/** What holds trials back. */
export interface JobBounds {
  readonly waitForRoom: WaitForRoom;
  readonly pace: JobPace | null;
  readonly host: Host;
  /** Instead of the run's own. */
  readonly concurrency: Concurrency | null;
}

/** Makes what is missing, as many at once as the run allows. The signal it returns says what ended the job early. */
export async function makeTrials(
  parts: TrialMakers,
  { waitForRoom, pace, host, concurrency }: JobBounds,
  signal: AbortSignal,
): Promise<AbortSignal> {
  using stop = linkAbort(signal);
  const { store } = parts;
  const { run } = store.request;
  const { isolated, negativeControl } = run.trial.verifier;
  const hasCopies = isolated !== 'off' || negativeControl !== 'off';
  const admission = openAdmission(concurrency ?? run.concurrency, host);
  const make = async (trial: PlannedTrial): Promise<void> => {
    if (pace?.hasEnough() === true) stop.abort(enough);
    if (stop.signal.aborted) return;
    await waitForRoom(stop.signal);
    await makeTrial(trial, parts, stop.signal);
    if (pace?.hasEnough() === true) stop.abort(enough);
  };
  // The first error ends the job: its own trial is lost, the others are cancelled and made again later.
  const work = store
    .missing()
    .map((trial) =>
      admission.admit(needOfTask(trial.task, { hasCopies }), () =>
        make(trial).catch((error: unknown) => stop.abort(error)),
      ),
    );
  await Promise.all(work);
  return stop.signal;
}
