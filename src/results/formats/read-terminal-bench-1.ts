import { ownOf } from '../../base/json-value.js';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../base/errors.js';
import { foreignCount } from './foreign-number.js';
import { emptyJob } from './empty-job.js';
import { emptyTrial, resolvedAs } from './empty-trial.js';
import { distinctTrials } from '../../record/distinct-trials.js';
import type { JobSummary } from '../../record/job-summary.js';
import { noPhaseTimes, type TrialSummary } from '../../record/trial-summary.js';
import { maxConversationBytes, readJson, type FolderListing } from '../read-file.js';
import { between } from './harbor/read-trial.js';
import type { Ending } from '../../record/ending.js';

const text = z.string().nullish().catch(null);

const trialSchema = z.object({
  id: text,
  trial_name: text,
  task_id: z.string(),
  is_resolved: z.boolean().nullish().catch(null),
  failure_mode: text,
  total_input_tokens: foreignCount,
  total_output_tokens: foreignCount,
  trial_started_at: text,
  trial_ended_at: text,
  agent_started_at: text,
  agent_ended_at: text,
  test_started_at: text,
  test_ended_at: text,
});

const resultsSchema = z.object({ results: z.array(z.unknown()) });

const metadataSchema = z.object({
  run_id: text,
  model_name: text,
  agent_name: text,
  dataset_name: text,
  dataset_version: text,
  n_attempts: foreignCount,
  start_time: text,
  end_time: text,
});

const endings: Readonly<Record<string, Ending>> = {
  agent_timeout: 'agent-timeout',
  context_length_exceeded: 'context-window',
  output_length_exceeded: 'context-window',
  fatal_llm_parse_error: 'format-errors',
};

/** Reads a Terminal-Bench 1 run folder: `results.json` holds all trials, `run_metadata.json` the set-up. */
export async function readTerminalBench1(listing: FolderListing): Promise<JobSummary> {
  const results = await readJson(listing.path, 'results.json', resultsSchema, maxConversationBytes);
  const metadata = await readJson(listing.path, 'run_metadata.json', metadataSchema);
  if (results.kind === 'missing') throw new InputError(`${listing.path} has no results.json`);
  if (results.kind === 'problem') throw new InputError(`${results.problem.path} ${results.problem.message}`);
  const parsed = results.value.results.map((entry) => trialSchema.safeParse(entry));
  const { trials, problems } = distinctTrials(
    parsed.flatMap((entry) => (entry.success ? [toTrial(entry.data)] : [])),
  );
  const job = emptyJob(listing.path, 'terminal-bench-1');
  const about = metadata.kind === 'value' ? metadata.value : null;
  return {
    ...job,
    name: about?.run_id ?? job.name,
    model: about?.model_name ?? null,
    agent: about?.agent_name ?? job.agent,
    dataset: {
      name: about?.dataset_name ?? 'terminal-bench-1',
      version: about?.dataset_version ?? null,
      digest: null,
    },
    harness:
      about?.agent_name === null || about?.agent_name === undefined
        ? null
        : { name: about.agent_name, digest: null },
    attemptsPlanned: about?.n_attempts ?? null,
    startedAt: about?.start_time ?? null,
    finishedAt: about?.end_time ?? null,
    trials,
    problems: [
      ...(metadata.kind === 'problem' ? [metadata.problem] : []),
      ...problems,
      ...parsed.flatMap((entry, index) =>
        entry.success
          ? []
          : [{ path: join(listing.path, 'results.json'), message: `results[${index}] is not a trial` }],
      ),
    ],
  };
}

function toTrial(trial: z.infer<typeof trialSchema>): TrialSummary {
  const failure =
    trial.failure_mode === 'unset' || trial.failure_mode === 'none' ? null : (trial.failure_mode ?? null);
  const name = trial.trial_name ?? trial.task_id;
  const attempt = /\.(\d+)-of-\d+/.exec(name)?.[1];
  return {
    ...emptyTrial(trial.task_id, name),
    id: trial.id ?? null,
    attempt: attempt === undefined ? null : Number(attempt),
    startedAt: trial.trial_started_at ?? null,
    finishedAt: trial.trial_ended_at ?? null,
    ...resolvedAs('is_resolved', trial.is_resolved ?? null),
    ending: failure === null ? null : (ownOf(endings, failure) ?? null),
    errorType: failure,
    tokens: {
      input: trial.total_input_tokens ?? null,
      output: trial.total_output_tokens ?? null,
      cached: null,
    },
    phasesMs: {
      ...noPhaseTimes,
      total: between(trial.trial_started_at, trial.trial_ended_at),
      agent: between(trial.agent_started_at, trial.agent_ended_at),
      verifier: between(trial.test_started_at, trial.test_ended_at),
    },
  };
}
