import { openDeadline } from '../../base/deadline.js';
import { EnvironmentError } from '../../base/errors.js';
import type { Sampling, ToolDefinition } from '../chat-model.js';
import { checkCanary, checkTokenizer, type Canary } from './canary.js';
import type { PreflightCheck, PreflightReport, ServerReport } from './preflight-report.js';
import { checkContext, checkHealth, checkModel } from './preflight-server.js';
import { openChatClient } from '../wire/chat-client.js';
import { parseServerAddress, type ServerAddress } from '../wire/server-address.js';
import { getVersion, listModels } from '../service/server-status.js';
import { unreachable } from './unreachable.js';
import { appendAll } from '../../base/append-all.js';

export interface PreflightOptions {
  readonly model: string;
  readonly baseUrls: readonly string[];
  readonly apiKey: string | null;
  /** Proxy variables of the environment, by name: named when a server cannot be reached, since none is used. */
  readonly unusedProxies: readonly string[];
  /** The harness's tool; null for harnesses that take commands from text. */
  readonly tool: ToolDefinition | null;
  /** What is sent besides messages and tools, so that the canary sees the same template. */
  readonly sampling: Sampling;
  /** Tokens of the harness's budget that the server must have room for. */
  readonly neededTokens: number;
  /** True when the harness recovers calls the server leaves in the text: then a server without parser will do. */
  readonly recovers: boolean;
  /** Bound on each server's checks. Default 4.5 s. */
  readonly timeoutMs?: number;
  readonly signal: AbortSignal;
}

/**
 * Looks at every server before anything is started: alive, serves the model, has room for the budget, counts
 * tokens, returns a tool call as one, and renders a thought that is sent back. Servers are looked at side by side.
 * @throws EnvironmentError when a server cannot be reached, with the cause and what to do about it
 */
export async function preflight(options: PreflightOptions): Promise<PreflightReport> {
  const addresses = options.baseUrls.map((url) => parseServerAddress(url, options.apiKey));
  const servers = await Promise.all(addresses.map((address) => inspect(address, options)));
  return { ok: servers.every(({ checks }) => checks.every(({ state }) => state !== 'fail')), servers };
}

/** Turns a failed report into the error a run ends with. */
export function requireFit(report: PreflightReport): void {
  if (report.ok) return;
  const failures = report.servers.flatMap(({ baseUrl, checks }) =>
    checks.flatMap(({ name, state, detail, mend }) =>
      state === 'fail' ? [{ text: `${baseUrl} ${name}: ${detail}`, mend }] : [],
    ),
  );
  throw new EnvironmentError(
    ['the model server is not fit for this run', ...failures.map(({ text }) => text)].join('\n  '),
    { hint: failures.flatMap(({ mend }) => (mend === null ? [] : [mend])).join('\n  ') },
  );
}

async function inspect(address: ServerAddress, options: PreflightOptions): Promise<ServerReport> {
  const startedAt = performance.now();
  using deadline = openDeadline(options.timeoutMs ?? 4500, options.signal);
  const { signal } = deadline;
  const checks: PreflightCheck[] = [];
  let version: string | null = null;
  const report = (): ServerReport => {
    options.signal.throwIfAborted();
    return { baseUrl: address.baseUrl, version, checks, durationMs: performance.now() - startedAt };
  };
  const health = await checkHealth(address, signal);
  if ('kind' in health) throw unreachable(address, health, options);
  checks.push(health);
  if (health.state === 'fail') return report();
  version = await getVersion(address, signal);
  const cards = await listModels(address, signal).catch((error: unknown) => error);
  const found = checkModel(cards, options.model, address);
  checks.push(found.check);
  if (found.card === null) return report();
  checks.push(checkContext(found.card, options.neededTokens));
  const { model, tool, sampling, recovers } = options;
  const canary: Canary = { chat: openChatClient(address), model, tool, sampling, recovers, signal };
  const [tokenizer, answers] = await Promise.all([checkTokenizer(canary), checkCanary(canary)]);
  appendAll(checks, [tokenizer, ...answers]);
  return report();
}
