/** The library's public face: run a job or score one from your own code. Everything else is internal. */
export { runJob } from './job/run-job.js';
export type { JobReport, JobRequest, JobTools } from './job/job.js';
export type { JobEvent } from './job/events.js';
export { readJob } from './review/read-job.js';
export { scoreJob } from './score/job/score-job.js';
export { TbenchError } from './base/errors.js';
