import type { LinkedAbort } from '../../base/deadline.js';
import type { JobStore } from '../store/job-store.js';
import type { Admission } from '../schedule/admission.js';
import { createJobControl, type JobControl } from './job-control.js';
import { openControlSocket } from './open-control-socket.js';

/** A job's control and the socket that its commands come by. */
export interface OpenJobControl extends AsyncDisposable {
  readonly control: JobControl;
}

/** Opens the control of a job. A folder that takes no socket is no reason not to run. */
export async function openJobControl({
  store,
  admission,
  stop,
}: {
  readonly store: JobStore;
  readonly admission: Admission;
  readonly stop: LinkedAbort;
}): Promise<OpenJobControl> {
  const control = createJobControl({
    missing: () => store.missing().map(({ name }) => name),
    setConcurrency: (concurrency) => admission.allow(concurrency),
    cancel: (reason) => stop.abort(reason),
    tell: (command) => store.emit({ kind: 'job-control', command }),
  });
  try {
    const socket = await openControlSocket(store.folder.paths, (command) => control.apply(command));
    return { control, [Symbol.asyncDispose]: () => socket[Symbol.asyncDispose]() };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    store.emit({ kind: 'job-note', text: `this job takes no commands while it runs: ${why}` });
    return { control, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
}
