import type { JobReport, JobRequest, JobTools } from '../../job/job.js';
import type { JobPace } from '../../job/pace.js';
import { runJob } from '../../job/run-job.js';
import type { JobEvent } from '../../record/event.js';
import type { ContainerEngine } from '../../sandbox/container-engine.js';
import type { RunPlan } from './plan-run.js';
import type { Surroundings } from '../surroundings.js';

/** The machine of an engine: what it has for trials, and where its sandboxes write. */
export function hostOf({ info }: Pick<ContainerEngine, 'info'>): Pick<JobTools, 'sandboxDirs' | 'host'> {
  return { sandboxDirs: info.storageDir === null ? [] : [info.storageDir], host: info };
}

/** Runs the planned jobs one after the other; the plan's notes come first. */
export async function runJobs(
  { jobs, notes }: RunPlan,
  tools: Omit<JobTools, 'emit' | 'pace'>,
  { tell, signal }: Pick<Surroundings, 'tell' | 'signal'>,
  {
    emit,
    paceOf,
  }: {
    readonly emit: (event: JobEvent) => void;
    readonly paceOf: ((job: JobRequest) => JobPace) | undefined;
  },
): Promise<readonly JobReport[]> {
  for (const note of notes) tell(note);
  const reports: JobReport[] = [];
  for (const job of jobs) {
    const pace = paceOf === undefined ? {} : { pace: paceOf(job) };
    reports.push(await runJob(job, { ...tools, emit, ...pace }, signal));
  }
  return reports;
}
