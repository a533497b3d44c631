import { harnessText, loadHarness } from '../../agent/harness/load-harness.js';
import { ClosingStack } from '../../base/closing-stack.js';
import { InputError } from '../../base/errors.js';
import { openQueueLink } from '../../job/queue/queue-dispatcher.js';
import { shownAddress } from '../../job/queue/redis.js';
import type { RunSpec, RunSpecInput } from '../../record/run-spec.js';
import { createRedactor } from '../../results/redact.js';
import { loadDatasets } from '../datasets/load-datasets.js';
import { pickVariables } from '../local/local-settings.js';
import { apiKeyOf } from '../local/open-model.js';
import type { Run } from '../open-run.js';
import { parseRunSpec } from '../parse-run-spec.js';
import { describeHarness } from '../prepare-run.js';
import { planRun } from '../jobs/plan-run.js';
import { runJobs } from '../jobs/run-jobs.js';
import type { Surroundings } from '../surroundings.js';
import { readVersion } from '../version.js';

/** No trial runs on this machine: as many are handed out as there are. */
const everyTrial = Number.MAX_SAFE_INTEGER;

/**
 * Opens a run whose trials workers make: plans its jobs here, and opens neither engine nor model. Keys, and the values of the
 * variables that tasks may read, are each worker's own. Throws `EnvironmentError` when no Redis answers at `queue`.
 */
export async function openQueuedRun(
  input: RunSpecInput,
  queue: string,
  surroundings: Omit<Surroundings, 'engine'>,
): Promise<Run> {
  const spec = parseRunSpec(input);
  const { agent } = spec;
  if (agent.kind === 'model' && agent.model.name.startsWith('replay:'))
    throw new InputError('recorded turns lie on this machine: a replay is not run by workers');
  const { env, tell } = surroundings;
  await using opened = new ClosingStack();
  const harness = agent.kind === 'model' ? await loadHarness(agent.harness.name) : null;
  const datasets = await loadDatasets(spec.datasets, surroundings);
  const hostEnv = pickVariables(spec.trial.passedVariables, env);
  const plan = await planRun(spec, datasets, {
    harness: harness === null ? null : describeHarness(harness),
    tellsExtras: harness?.taskExtras ?? false,
    model: agent.kind === 'model' ? { name: agent.model.name, kind: 'live' } : null,
    record: { queue: shownAddress(queue) },
    hostEnv,
    place: surroundings,
  });
  const redact = createRedactor([apiKeyOf(env) ?? undefined, ...Object.values(hostEnv)]);
  const link = opened.use(
    await openQueueLink({
      url: queue,
      version: readVersion(),
      run: travelling(spec, harness?.name ?? null),
      harness: agent.kind === 'model' ? await harnessText(agent.harness.name) : null,
      redact,
      tell,
    }),
  );
  const owned = opened.move();
  return {
    spec,
    jobs: plan.jobs,
    start: (emit, paceOf) => {
      const host = { cpus: Infinity, memoryBytes: Infinity };
      const { openDispatcher } = link;
      const tools = { openDispatcher, redact, sandboxDirs: [], host, concurrency: everyTrial };
      return runJobs(plan, tools, surroundings, { emit, paceOf });
    },
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  };
}

/** The run without what belongs to this machine: folders of datasets, the path of the harness file. */
function travelling(spec: RunSpec, harness: string | null): RunSpec {
  const { agent } = spec;
  const named =
    agent.kind === 'model' && harness !== null
      ? { ...agent, harness: { ...agent.harness, name: harness } }
      : agent;
  return { ...spec, datasets: ['queue'], agent: named };
}
