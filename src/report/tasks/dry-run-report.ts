import { plural } from '../../base/plural.js';
import { duration } from '../text/format.js';
import type { DryJob } from '../../record/dry-job.js';

const linesShown = 20;

/** A paragraph for each job that would be run. */
export function renderDryRun(jobs: readonly DryJob[]): string {
  return jobs.map(renderJob).join('\n');
}

function renderJob(job: DryJob): string {
  const trials = job.tasks * job.attempts;
  const images = [...job.images.map((name) => `fetched by name: ${name}`), ...builtLine(job.builds)];
  return [
    `${job.dataset}, ${job.actor}: ${plural(trials, 'trial')} (${plural(job.tasks, 'task')} × ${job.attempts}), ${job.concurrency === 'auto' ? 'as many at once as the host holds' : `${job.concurrency} at once`}`,
    `  time     ${job.longestMs === null ? 'no upper limit: a task sets none' : `at most ${duration(job.longestMs)}, if every agent and every verifier takes all its time, without builds, pulls and retries`}`,
    ...(job.mostTokens === null
      ? []
      : [`  tokens   at most ${job.mostTokens.toLocaleString('en')} of context over all trials`]),
    ...bounded(images).map((line, index) => `  ${index === 0 ? 'images ' : '       '}  ${line}`),
    ...bounded(job.leftOut).map((line) => `  left out ${line}`),
    '',
  ].join('\n');
}

function builtLine(builds: number): string[] {
  return builds === 0 ? [] : [`built from their folders: ${builds}, unless they are here already`];
}

function bounded(lines: readonly string[]): readonly string[] {
  const more = lines.length - linesShown;
  return more > 0 ? [...lines.slice(0, linesShown), `and ${more} more`] : lines;
}
