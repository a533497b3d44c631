import type { Harness } from '../../agent/harness/harness.js';
import { preflight, requireFit, type PreflightOptions } from '../../model/preflight/preflight.js';
import type { PreflightReport } from '../../model/preflight/preflight-report.js';
import { openModelService, type OpenModelService } from '../../model/service/open-model-service.js';
import type { ModelSpec } from '../../record/run-spec.js';
import { createRedactor } from '../../results/redact.js';
import { describeModelEvent } from '../describe-model.js';
import type { HostVariables } from '../../base/host-variables.js';
import type { Surroundings } from '../surroundings.js';

/** An open model, and what the preflight found of its servers for the job's record; nothing for a replay. */
export interface ServedModel {
  readonly service: OpenModelService;
  readonly servers: PreflightReport['servers'];
}

/** A harness and the model that it turns into an agent. */
export interface ServedHarness {
  readonly harness: Harness;
  readonly model: ServedModel;
}

/** The model of a run, its servers checked before any sandbox starts. */
export async function openModel(
  model: ModelSpec,
  harness: Harness,
  { env, signal, tell }: Pick<Surroundings, 'env' | 'signal' | 'tell'>,
): Promise<ServedModel> {
  const report = isReplay(model)
    ? noReport
    : await preflight(preflightOptions(model, harness, { env, signal }));
  requireFit(report);
  for (const line of worries(report)) tell(line);
  const apiKey = apiKeyOf(env);
  const service = await openModelService({
    model: model.name,
    baseUrls: model.baseUrls,
    apiKey,
    concurrency: model.concurrency,
    outageLimitMs: model.outageLimitMs,
    record: model.record,
    redact: createRedactor([apiKey ?? undefined]),
    onEvent: (event) => {
      const line = describeModelEvent(event);
      if (line !== null) tell(line);
    },
    signal,
  });
  return { service, servers: report.servers };
}

const noReport: PreflightReport = { ok: true, servers: [] };

function isReplay({ name }: ModelSpec): boolean {
  return name.startsWith('replay:');
}

/** The key of every model server; goes there and nowhere else. An empty variable is none. */
export function apiKeyOf(env: HostVariables): string | null {
  const key = env['OPENAI_API_KEY'];
  return key === undefined || key === '' ? null : key;
}

const proxyVariables = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'];

/** What the servers are asked before anything is started, for a harness. */
export function preflightOptions(
  model: Pick<ModelSpec, 'name' | 'baseUrls'>,
  harness: Harness,
  { env, signal }: Pick<Surroundings, 'env' | 'signal'>,
): PreflightOptions {
  return {
    model: model.name,
    baseUrls: model.baseUrls,
    apiKey: apiKeyOf(env),
    unusedProxies: proxyVariables.filter((name) => (env[name] ?? '') !== ''),
    tool: harness.actions.source.kind === 'tool' ? harness.tool : null,
    sampling: harness.sampling,
    neededTokens: harness.budget.totalTokens,
    recovers: harness.actions.toolCalls === 'recover',
    signal,
  };
}

function worries(report: PreflightReport): readonly string[] {
  return report.servers.flatMap(({ baseUrl, checks }) =>
    checks
      .filter((check) => check.state === 'warn')
      .map(
        (check) =>
          `${baseUrl} ${check.name}: ${check.detail}${check.mend === null ? '' : ` (${check.mend})`}`,
      ),
  );
}
