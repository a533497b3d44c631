import { join } from 'node:path';
import type { Harness } from '../agent/harness/harness.js';
import { openModelService, type OpenModelService } from '../model/service/open-model-service.js';
import type { ModelEvent } from '../model/model-event.js';
import { preflight, requireFit, type PreflightOptions } from '../model/preflight/preflight.js';
import type { PreflightReport } from '../model/preflight/preflight-report.js';
import { parseServerAddress } from '../model/wire/server-address.js';
import { createRedactor } from '../results/redact.js';
import { trialPaths } from '../results/layout.js';
import type { RunOptions } from './run-options.js';

/** Where a server is looked for when nobody says where it is: vLLM's own default. */
export const defaultBaseUrl = 'http://127.0.0.1:8000/v1';

type Env = Readonly<Record<string, string | undefined>>;

/** The servers named on the command line, else by the environment, else vLLM's default address. */
export function baseUrls(named: readonly string[] | undefined, env: Env): readonly string[] {
  return named ?? [env['OPENAI_BASE_URL'] ?? defaultBaseUrl];
}

export interface ModelChoice {
  readonly options: RunOptions;
  readonly harness: Harness | null;
  readonly env: Env;
  readonly signal: AbortSignal;
  readonly tell: (line: string) => void;
  /** Folder of the job at work, where --record puts requests and responses. */
  readonly jobDir: () => string;
}

/** An open model and what the job's record says of its servers. */
export interface ChosenModel {
  readonly service: OpenModelService;
  /** Without credentials. */
  readonly baseUrls: readonly string[];
  /** What the preflight found; empty for a replay. */
  readonly servers: PreflightReport['servers'];
}

/** The model of a run, checked before any sandbox starts; null for agents that use none. */
export async function openModel(choice: ModelChoice): Promise<ChosenModel | null> {
  const { options, env, signal, tell } = choice;
  if (options.agent !== 'model' || options.model === undefined) return null;
  const apiKey = env['OPENAI_API_KEY'] ?? null;
  const urls = baseUrls(options.baseUrl, env);
  const { harness } = choice;
  const isReplay = options.model.startsWith('replay:');
  const report =
    harness === null || isReplay
      ? noReport
      : await preflight(preflightOptions({ model: options.model, urls, harness, env, signal }));
  requireFit(report);
  for (const line of worries(report)) tell(line);
  const service = await openModelService({
    model: options.model,
    baseUrls: urls,
    apiKey,
    concurrency: options.modelConcurrency,
    outageLimitMs: options.outageLimit * 60_000,
    recordFile: options.record
      ? (trial) => join(trialPaths(choice.jobDir(), trial).agentDir, 'model.jsonl')
      : null,
    redact: createRedactor([apiKey ?? undefined]),
    onEvent: (event) => {
      const line = describeModelEvent(event);
      if (line !== null) tell(line);
    },
    signal,
  });
  return {
    service,
    baseUrls: isReplay ? [] : urls.map((url) => parseServerAddress(url, null).baseUrl),
    servers: report.servers,
  };
}

const noReport: PreflightReport = { ok: true, servers: [] };

/** What the server is asked before anything is started, for a harness. */
export function preflightOptions({ model, urls, harness, env, signal }: PreflightSubject): PreflightOptions {
  return {
    model,
    baseUrls: urls,
    apiKey: env['OPENAI_API_KEY'] ?? null,
    tool: harness.actions.source.kind === 'tool' ? harness.tool : null,
    sampling: harness.sampling,
    neededTokens: harness.budget.totalTokens,
    recovers: harness.actions.toolCalls === 'recover',
    signal,
  };
}

interface PreflightSubject {
  readonly model: string;
  readonly urls: readonly string[];
  readonly harness: Harness;
  readonly env: Env;
  readonly signal: AbortSignal;
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

/** One plain line for what a person should know of the server; null for what only the record keeps. */
function describeModelEvent(event: ModelEvent): string | null {
  switch (event.kind) {
    case 'outage-start':
      return `model server ${event.baseUrl} is away (${event.message}); waiting up to ${Math.round(event.limitMs / 60_000)} min, no agent time is charged`;
    case 'outage-end':
      return `model server ${event.baseUrl} is back after ${Math.round(event.downMs / 1000)} s`;
    case 'trial-move':
      return `${event.trial} moves from ${event.from} to ${event.to}`;
    case 'divergence':
      return `replay of ${event.divergence.task} attempt ${event.divergence.attempt}: turn ${event.divergence.turn} saw something else than the recorded trial`;
    case 'request-retry':
    case 'slots-change':
      return null;
  }
}
