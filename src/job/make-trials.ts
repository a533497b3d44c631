import type { LinkedAbort } from '../base/deadline.js';
import { CancelledError } from '../base/errors.js';
import type { WaitForRoom } from './breakers/disk-breaker.js';
import type { JobControl } from './control/job-control.js';
import { makeTrial, type TrialMakers } from './make-trial.js';
import type { JobPace } from './pace.js';
import type { PlannedTrial } from './planned-trial.js';
import type { Admission } from './schedule/admission.js';
import { needOfTask } from './schedule/need-of-task.js';

/** Why a job ends before all its trials are made, when its pace says so. */
export const enough = new CancelledError('no further trial is needed');

/** What holds trials back. */
export interface JobBounds {
  readonly waitForRoom: WaitForRoom;
  readonly pace: JobPace | null;
  readonly control: JobControl;
  readonly admission: Admission;
  /** Says afterwards what ended the job early. */
  readonly stop: LinkedAbort;
}

/** Makes what is missing, as many at once as the run allows. */
export async function makeTrials(
  parts: TrialMakers,
  { waitForRoom, pace, control, admission, stop }: JobBounds,
): Promise<void> {
  const { store } = parts;
  const { verifier } = store.request.run.trial;
  const make = async (trial: PlannedTrial): Promise<void> => {
    if (pace?.hasEnough() === true) stop.abort(enough);
    if (stop.signal.aborted || control.isCancelled(trial.name)) return;
    using own = control.begin(trial.name, stop.signal);
    await control.hold(trial.name, own.signal);
    await waitForRoom(own.signal);
    await makeTrial(trial, parts, own.signal);
    if (pace?.hasEnough() === true) stop.abort(enough);
  };
  // The first error ends the job: its own trial is lost, the others are cancelled and made again later.
  const work = store.missing().map((trial) =>
    admission.admit(needOfTask(trial.task, verifier), () =>
      make(trial).catch((error: unknown) => {
        if (!control.isCancelled(trial.name)) stop.abort(error);
      }),
    ),
  );
  await Promise.all(work);
}
