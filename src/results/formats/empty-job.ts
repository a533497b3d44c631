import { basename } from 'node:path';
import type { JobFormat, JobSummary } from '../../record/job-summary.js';

/** A job of which nothing is known but its folder: what the readers of foreign formats fill in. */
export function emptyJob(dir: string, format: JobFormat): JobSummary {
  return {
    name: basename(dir),
    dir,
    format,
    model: null,
    modelKind: null,
    agent: 'unknown',
    dataset: { name: 'unknown', version: null, digest: null },
    harness: null,
    backend: null,
    budgetMode: null,
    clockMode: null,
    timeoutMultiplier: 1,
    overrides: [],
    attemptsPlanned: null,
    trialsPlanned: null,
    tasksPlanned: null,
    startedAt: null,
    finishedAt: null,
    trials: [],
    cancelled: null,
    incomplete: [],
    problems: [],
  };
}
