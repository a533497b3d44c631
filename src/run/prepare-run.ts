import type { Harness } from '../agent/harness/harness.js';
import type { Dataset } from '../dataset/task.js';
import type { JobEvent } from '../record/event.js';
import type { JobReport, JobRequest } from '../job/job.js';
import type { JobPace } from '../job/pace.js';
import { localDispatcher } from '../job/local-dispatcher.js';
import type { RunSpec } from '../record/run-spec.js';
import type { ContainerEngine } from '../sandbox/container-engine.js';
import { describeDivergences } from './describe-model.js';
import { withHostRefusals } from './datasets/host-refusals.js';
import type { ServedHarness } from './local/open-model.js';
import { planRun } from './jobs/plan-run.js';
import { hostOf, runJobs } from './jobs/run-jobs.js';
import type { Surroundings } from './surroundings.js';
import { localTools } from './local/local-tools.js';

/** What a run is made with, opened and owned by whoever prepares it. */
export interface RunParts {
  readonly engine: ContainerEngine;
  readonly datasets: readonly Dataset[];
  /** Null for an agent that needs no model. */
  readonly served: ServedHarness | null;
}

/** A run whose jobs are planned. */
export interface PreparedRun {
  readonly jobs: readonly JobRequest[];
  /** Makes every trial that is not done yet, or those that its pace asks for, one job after the other. */
  start(
    emit: (event: JobEvent) => void,
    paceOf?: (job: JobRequest) => JobPace,
  ): Promise<readonly JobReport[]>;
}

/** Plans the jobs of a run over what was opened for it. */
export async function prepareRun(
  spec: RunSpec,
  { engine, datasets, served }: RunParts,
  surroundings: Omit<Surroundings, 'engine'>,
): Promise<PreparedRun> {
  const { env, tell } = surroundings;
  const [harness, models] = [served?.harness ?? null, served?.model.service ?? null];
  const tools = localTools(spec, { engine, served, env });
  const possible = await Promise.all(datasets.map((dataset) => withHostRefusals(dataset, engine)));
  const plan = await planRun(spec, possible, {
    harness: harness === null ? null : describeHarness(harness),
    tellsExtras: harness?.taskExtras ?? false,
    model: models === null ? null : { name: models.name, kind: models.kind },
    record: {
      engine: engine.info,
      base_urls: spec.agent.kind === 'model' ? spec.agent.model.baseUrls : [],
      servers: served?.model.servers ?? [],
    },
    hostEnv: tools.settings.hostEnv,
    place: surroundings,
  });
  return {
    jobs: plan.jobs,
    start: async (emit, paceOf) => {
      const openDispatcher = localDispatcher({ ...tools, adopts: surroundings.adopts ?? true });
      const jobTools = { openDispatcher, redact: tools.redact, ...hostOf(engine) };
      const reports = await runJobs(plan, jobTools, surroundings, { emit, paceOf });
      if (models?.kind === 'replay') tell(describeDivergences(models.divergences()));
      return reports;
    },
  };
}

/** The harness as a job records it. */
export function describeHarness({ name, digest, budget }: Harness): JobRequest['harness'] {
  return { name, digest, budget: { ...budget } };
}
