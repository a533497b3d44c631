import type { JobSummary } from '../../record/job-summary.js';

/** What labels are made of: a job has it, and a baseline file keeps it. */
interface Labelled extends Pick<JobSummary, 'agent' | 'timeoutMultiplier' | 'overrides' | 'clockMode'> {
  readonly modelKind: string | null;
  readonly trials: readonly { readonly timeoutMultiplier: number }[];
}

/** What must stand beside a job's number wherever it is shown. */
export function labelJob(job: Labelled): string[] {
  const labels: string[] = [];
  if (job.modelKind === 'replay') labels.push('replayed model, not an evaluation');
  if (job.modelKind === 'scripted') labels.push('scripted model, not an evaluation');
  if (job.modelKind === 'calibration') labels.push('calibration model, not an evaluation');
  if (job.modelKind === 'none') labels.push(`${job.agent} agent, no model`);
  const multipliers = new Set([job.timeoutMultiplier, ...job.trials.map((trial) => trial.timeoutMultiplier)]);
  multipliers.delete(1);
  for (const multiplier of multipliers) labels.push(`modified timeouts: x${multiplier}`);
  if (job.overrides.length > 0) labels.push(`modified limits: ${job.overrides.join(', ')}`);
  const clock = job.clockMode;
  if (clock !== null && clock !== 'wall') labels.push(`agent timeout on the ${clock} clock`);
  return labels;
}
