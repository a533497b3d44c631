import { loadHarness } from '../../agent/harness/load-harness.js';
import { preflight } from '../../model/preflight/preflight.js';
import type { ModelSpec } from '../../record/run-spec.js';
import { preflightOptions } from '../local/open-model.js';
import type { Surroundings } from '../surroundings.js';
import { failedCheck, type Check } from './check.js';

/** The servers of a model, as a run with this harness would need them. */
export async function checkModel(
  model: Pick<ModelSpec, 'name' | 'baseUrls'>,
  harnessName: string,
  surroundings: Pick<Surroundings, 'env' | 'signal'>,
): Promise<Check[]> {
  const harness = await loadHarness(harnessName);
  try {
    const report = await preflight(preflightOptions(model, harness, surroundings));
    return report.servers.flatMap(({ baseUrl, checks }) =>
      checks.map((check) => ({
        ...check,
        detail: model.baseUrls.length > 1 ? `${baseUrl}: ${check.detail}` : check.detail,
      })),
    );
  } catch (error) {
    surroundings.signal.throwIfAborted();
    return [failedCheck('model', error, 'Start the model server; tbench serve MODEL prints the command.')];
  }
}
