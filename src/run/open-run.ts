import { loadHarness } from '../agent/harness/load-harness.js';
import { ClosingStack } from '../base/closing-stack.js';
import { InputError } from '../base/errors.js';
import type { RunSpec, RunSpecInput } from '../record/run-spec.js';
import { freeSpaceWarnings } from './doctor/free-space.js';
import { loadDatasets } from './datasets/load-datasets.js';
import { openEngine } from './local/open-engine.js';
import { openModel } from './local/open-model.js';
import { parseRunSpec } from './parse-run-spec.js';
import type { ServedHarness } from './local/open-model.js';
import { prepareRun, type PreparedRun } from './prepare-run.js';
import type { Surroundings } from './surroundings.js';

/** A run that owns what it is made with: closing it closes the engine and the model service. */
export interface Run extends PreparedRun, AsyncDisposable {
  /** The run as asked for, with what is known since its parts are open: harness digest and kind of model. */
  readonly spec: RunSpec;
}

/** How the parts of a run are opened; tests open others. */
export interface RunOpeners {
  readonly engine: typeof openEngine;
  readonly model: typeof openModel;
}

const realOpeners: RunOpeners = { engine: openEngine, model: openModel };

/**
 * Opens what a run needs and plans its jobs: first harness and model, both checked, then datasets, then the
 * container engine. No sandbox is started and nothing is written before `start`.
 */
export async function openRun(
  input: RunSpecInput,
  surroundings: Surroundings,
  openers: RunOpeners = realOpeners,
): Promise<Run> {
  const asked = parseRunSpec(input);
  await using opened = new ClosingStack();
  const served = await openAgentModel(asked, surroundings, openers);
  if (served !== null) opened.use(served.model.service);
  const spec = pinned(asked, served);
  const datasets = await loadDatasets(spec.datasets, surroundings);
  const engine = opened.use(await openers.engine(surroundings));
  for (const warning of await freeSpaceWarnings(surroundings.resultsDir, engine.info))
    surroundings.tell(warning);
  const prepared = await prepareRun(spec, { engine, datasets, served }, surroundings);
  const owned = opened.move();
  return { ...prepared, spec, [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose]() };
}

/** Harness and model of a run whose agent is the model; null for the others. */
async function openAgentModel(
  { agent }: RunSpec,
  surroundings: Surroundings,
  openers: RunOpeners,
): Promise<ServedHarness | null> {
  if (agent.kind !== 'model') return null;
  const harness = await loadHarness(agent.harness.name);
  for (const note of harness.notes) surroundings.tell(`harness ${harness.name}: ${note}`);
  const { digest } = agent.harness;
  if (digest !== null && digest !== harness.digest)
    throw new InputError(`harness ${agent.harness.name} has the digest ${harness.digest}, not ${digest}`, {
      hint: 'Run it with the file it was asked for with, or leave the digest out.',
    });
  return { harness, model: await openers.model(agent.model, harness, surroundings) };
}

/** The spec with what only the opened parts say. */
function pinned(spec: RunSpec, served: ServedHarness | null): RunSpec {
  if (spec.agent.kind !== 'model' || served === null) return spec;
  const harness = { ...spec.agent.harness, digest: served.harness.digest };
  const model = { ...spec.agent.model, kind: served.model.service.kind };
  return { ...spec, agent: { ...spec.agent, harness, model } };
}
